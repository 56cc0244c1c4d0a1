import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { AccessMode } from "../../../lib/runtime/definition.ts";
import { failure } from "../../command/failure.ts";

export interface FunctionHostOptions {
  readonly access: AccessMode;
  readonly httpPort: number;
  readonly lambdaPort: number;
  /** Settings that replace the defaults of definitions. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Host names that the API answers to, and web pages that may use it. */
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  /** Everything that the functions find in `process.env`, besides what their definitions name. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Is told of every unexpected exit. */
  readonly onRestart: (reason: string) => void;
}

/** The functions, in a process of their own that is restarted whenever it dies. */
export interface FunctionHost {
  readonly apiUrl: string;
  readonly lambdaEndpoint: string;
  /** Undefined between an exit and the restart. */
  processId(): number | undefined;
  /** Resolves at once while it runs, else when it runs again. */
  whenReady(): Promise<void>;
  /** Rejects when it could not be restarted; else never settles. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

const MODULE = fileURLToPath(new URL("../serverless/host.ts", import.meta.url));
/** Exits in a row, without being ready in between, after which it is given up. */
const MAXIMUM_DEATHS = 3;
const KILL_AFTER_MILLISECONDS = 700;

/** Starts the function host; resolves when it answers. Raises a CommandFailure when it can't be started. */
export const startFunctionHost = async (options: FunctionHostOptions): Promise<FunctionHost> => {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  let ready = Promise.withResolvers<void>();
  let child: ChildProcess | undefined;
  let wasReady = false;
  let deaths = 0;
  let stopping = false;

  const live = (): void => {
    const born = spawnHost(options);
    child = born;
    born.once("message", () => {
      wasReady = true;
      deaths = 0;
      ready.resolve();
    });
    born.once("error", (error) => die(born, error.message));
    born.once("exit", (code, signal) => die(born, signal ?? `exit code ${code}`));
  };
  const die = (who: ChildProcess, reason: string): void => {
    // A process that could not be started may report it twice, as `error` and as `exit`.
    if (child !== who) return;
    child = undefined;
    if (stopping) return;
    deaths++;
    if (!wasReady || deaths >= MAXIMUM_DEATHS) {
      const error = failure(`the functions can't be kept running (${reason})`);
      ready.reject(error);
      failed.reject(error);
      return;
    }
    // Whoever waited through one exit keeps waiting through the next.
    if (deaths === 1) {
      ready = Promise.withResolvers();
      ready.promise.catch(() => {});
    }
    options.onRestart(reason);
    live();
  };

  live();
  await ready.promise;
  return {
    apiUrl: `http://127.0.0.1:${options.httpPort}`,
    lambdaEndpoint: `http://127.0.0.1:${options.lambdaPort}`,
    processId: () => child?.pid,
    whenReady: () => ready.promise,
    failed: failed.promise,
    async stop() {
      stopping = true;
      if (child) await end(child);
    },
  };
};

const spawnHost = ({
  access,
  httpPort,
  lambdaPort,
  settings = {},
  environment,
  ...gate
}: FunctionHostOptions): ChildProcess => {
  const child = fork(MODULE, [], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      ...environment,
      BACKTRACK_ACCESS: access,
      BACKTRACK_SETTINGS: JSON.stringify(settings),
      BACKTRACK_HTTP_PORT: String(httpPort),
      BACKTRACK_LAMBDA_PORT: String(lambdaPort),
      BACKTRACK_ALLOWED_HOSTS: gate.allowedHosts?.join(" "),
      BACKTRACK_ALLOWED_ORIGINS: gate.allowedOrigins?.join(" "),
    },
  });
  // Before it is ready serverless-offline prints a table of routes; afterwards it is the functions that
  // print.
  child.stdout?.resume();
  child.once("message", () => forward(child.stdout));
  forward(child.stderr);
  return child;
};

const forward = (stream: Readable | null): void => {
  stream?.on("data", (chunk: Buffer) => process.stderr.write(chunk));
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  else child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MILLISECONDS);
  await exited;
  clearTimeout(timer);
};
