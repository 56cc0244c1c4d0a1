import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchChild } from "../children.ts";
import { programOnPath } from "../program.ts";
import type { CarriedOut } from "./carry-out-dockerfile.ts";

/** Why images can't be run here as a cluster runs them, for `unless`; undefined when they can. */
export const WITHOUT_RIGHTS: string | undefined =
  process.getuid?.() === 0 && programOnPath("unshare") && programOnPath("setpriv")
    ? undefined
    : "needs root, unshare and setpriv: a read-only root, and a user without rights";

export interface RunningImage {
  readonly processId: number;
  log(): string;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/**
 * Starts what a Dockerfile made: its files can't be written to, its user has no rights and no name, and the
 * environment holds nothing but its own and `environment`. Resolves when the log shows `ready`.
 */
export const runImage = async (
  image: CarriedOut,
  environment: Readonly<Record<string, string>>,
  { user = image.user, ready }: { user?: string; ready: RegExp },
): Promise<RunningImage> => {
  const [uid, gid = uid] = user.split(":");
  // Stands for the container's own /tmp: of-watchdog's lock has the same name in every one.
  const scratch = mkdtempSync(join(tmpdir(), "backtrack-scratch-"));
  chmodSync(scratch, 0o777);
  const script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$1" && shift && exec "$@"';
  const child: ChildProcess = spawn(
    "unshare",
    [
      "--mount",
      ...["sh", "-c", script, image.root, join(image.root, image.workingFolder)],
      ...["setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--no-new-privs"],
      ...["env", "-i", ...variablesOf(image, { TMPDIR: scratch, ...environment }), ...image.command],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  watchChild(child);
  let log = "";
  const isReady = new Promise<void>((resolve, reject) => {
    const read = (text: Buffer): void => {
      log += text;
      if (ready.test(log)) resolve();
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => reject(new Error(`ended with ${code}:\n${log}`)));
  });
  await isReady;
  return {
    processId: child.pid ?? -1,
    log: () => log,
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = await ended;
      rmSync(scratch, { recursive: true });
      return code as number | null;
    },
  };
};

const variablesOf = (image: CarriedOut, environment: Readonly<Record<string, string>>): string[] => {
  // What the base image has; here node is wherever this process has it from.
  const path = `${join(image.root, "usr/local/bin")}:${join(process.execPath, "..")}:/usr/bin:/bin`;
  return Object.entries({ PATH: path, ...image.environment, ...environment }).map(
    ([name, value]) => `${name}=${value}`,
  );
};

/** Runs a HEALTHCHECK as it is written, but for the port; resolves with its exit code. */
export const checkHealth = async (image: CarriedOut, port: number): Promise<number | null> => {
  const [, ...rest] = image.healthCheck;
  const child = spawn(
    process.execPath,
    rest.map((text) => text.replace(":8080/", `:${port}/`)),
  );
  watchChild(child);
  const [code] = await once(child, "exit");
  return code as number | null;
};
