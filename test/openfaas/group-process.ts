import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { watchChild } from "../children.ts";
import { until } from "../stack-process.ts";

export interface GroupProcess {
  readonly child: ChildProcess;
  log(): string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

/** Starts the bundle of a group with this environment alone. */
export const startGroup = (file: string, environment: Readonly<Record<string, string>>): GroupProcess => {
  const child = spawn(process.execPath, [file], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  watchChild(child);
  let log = "";
  const add = (text: string): void => {
    log += text;
  };
  child.stdout?.setEncoding("utf8").on("data", add);
  child.stderr?.setEncoding("utf8").on("data", add);
  // Only then is everything read that it has printed.
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, log: () => log, ended };
};

/** The port that a group listens at, as soon as it says so. */
export const portOf = async ({ child, log }: GroupProcess): Promise<number> =>
  Number(
    await until(
      () => {
        if (child.exitCode !== null) throw new Error(`ended: ${log()}`);
        return /"message":"ready".*"port":(\d+)/.exec(log())?.[1] ?? "";
      },
      (port) => port !== "",
      { everyMs: 20 },
    ),
  );
