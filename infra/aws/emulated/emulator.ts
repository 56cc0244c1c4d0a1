import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../local/stack/ports.ts";
import { installPythonPackage, NoPythonPackageError } from "../../python-package.ts";

/** The version that the deployment is known to work with. */
const PACKAGE = "ministack==1.5.33";
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 5_000;

/** The emulator is not available here, for a reason that is nobody's mistake. */
export class NoEmulatorError extends Error {
  override readonly name = "NoEmulatorError";
}

export interface Emulator {
  readonly endpoint: URL;
  /** What the emulator and the functions in it wrote. */
  readonly logFile: string;
  stop(): Promise<void>;
}

/**
 * Installs MiniStack (MIT, from PyPI) into a virtual environment in `folder`, once, and starts it on a free
 * port of 127.0.0.1. It runs functions as processes of this Node, so it needs no Docker. `searchPath` is
 * where programs are found. Raises NoEmulatorError where there is no Python 3.10 or no package.
 */
export const startEmulator = async (folder: string, searchPath: string): Promise<Emulator> => {
  const python = await install(folder);
  const port = await freePort();
  const endpoint = new URL(`http://127.0.0.1:${port}`);
  const logFile = join(folder, "emulator.log");
  const log = createWriteStream(logFile);
  const child = spawn(python, ["-m", "ministack"], {
    cwd: folder,
    // A group of its own, so that the functions' processes end with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: [dirname(process.execPath), dirname(python), searchPath].join(delimiter),
      HOME: folder,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: endpoint.hostname,
      // For the functions.
      AWS_ENDPOINT_URL: endpoint.origin,
    },
  });
  for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
  const stop = (): Promise<void> => stopGroup(child);
  try {
    await ready(endpoint, child);
  } catch (error) {
    await stop();
    throw new Error(`the emulator did not start; ${logFile} says why`, { cause: error });
  }
  return { endpoint, logFile, stop };
};

/** Returns the virtual environment's Python, with the emulator in it. */
const install = async (folder: string): Promise<string> => {
  try {
    return join(await installPythonPackage(folder, PACKAGE, "ministack"), "python");
  } catch (error) {
    if (error instanceof NoPythonPackageError) throw new NoEmulatorError(error.message, { cause: error });
    throw error;
  }
};

const ready = async (endpoint: URL, child: ChildProcess): Promise<void> => {
  const untilMs = Date.now() + READY_WITHIN_MS;
  while (Date.now() < untilMs) {
    if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`);
    const answer = await fetch(new URL("/_ministack/health", endpoint)).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`it was not ready within ${READY_WITHIN_MS / 1000} s`);
};

const stopGroup = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  process.kill(-child.pid, "SIGTERM");
  const inTime = await Promise.race([ended, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
  if (inTime === undefined) process.kill(-child.pid, "SIGKILL");
};
