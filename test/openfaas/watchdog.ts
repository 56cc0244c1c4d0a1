import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { watchChild } from "../children.ts";
import { processTree, until } from "../stack-process.ts";
import { freePort } from "./free-port.ts";
import type { StandIn, WatchdogOptions } from "./gateway.ts";

export interface RealWatchdog extends StandIn {
  /** Everything it and its child have printed. */
  log(): string;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface RealWatchdogOptions extends WatchdogOptions {
  /** What it starts; by default something that does nothing, beside a function of the test. */
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the real of-watchdog in mode http. */
export const startRealWatchdog = async (
  program: string,
  { functionUrl, command = "sleep 600", environment = {}, ...limits }: RealWatchdogOptions,
): Promise<RealWatchdog> => {
  const { execTimeoutMilliseconds = 60_000, writeTimeoutMilliseconds = 70_000, maximumInFlight = 0 } = limits;
  const port = limits.port ?? (await freePort());
  const child: ChildProcess = spawn(program, [], {
    env: {
      PATH: process.env.PATH,
      ...environment,
      mode: "http",
      fprocess: command,
      upstream_url: functionUrl,
      http_upstream_url: functionUrl,
      port: String(port),
      exec_timeout: `${execTimeoutMilliseconds}ms`,
      read_timeout: `${writeTimeoutMilliseconds}ms`,
      write_timeout: `${writeTimeoutMilliseconds}ms`,
      healthcheck_interval: "1s",
      max_inflight: String(maximumInFlight),
      log_buffer_size: "-1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  watchChild(child);
  let log = "";
  const add = (text: string): void => {
    log += text;
  };
  child.stdout?.setEncoding("utf8").on("data", add);
  child.stderr?.setEncoding("utf8").on("data", add);
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  await until(
    async () => (await fetch(`${url}/_/health`)).status,
    (status) => status === 200,
    { everyMs: 20 },
  );
  // A child outlives its watchdog.
  const endAll = (processes: readonly number[]): void => {
    for (const id of processes) {
      try {
        process.kill(id, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
  };
  return {
    url,
    log: () => log,
    stop: async () => {
      const all = processTree(child.pid ?? 0);
      child.kill("SIGTERM");
      const [code] = await exited;
      endAll(all);
      return code;
    },
    close: async () => {
      endAll(processTree(child.pid ?? 0));
      await exited;
    },
  };
};
