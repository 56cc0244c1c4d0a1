import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { watchChild } from "../children.ts";
import { ROOT, until } from "../stack-process.ts";

/** A program that is started again whenever it ends, as Kubernetes and faasd do. */
export interface Program {
  /** For messages. */
  readonly name: string;
  /** Node's, from the project's folder. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Answers 2xx when it can be used. */
  readonly readyUrl: string;
}

export interface Supervised {
  /** Resolves when it can be used; rejects when it ends again and again. */
  whenReady(): Promise<void>;
  /** SIGKILL; resolves when it has ended. It is started again. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code when it has ended. It is not started again. */
  stop(): Promise<number | null>;
  /** How often it was started again. */
  restarts(): number;
  /** All that it has printed. */
  log(): string;
}

const START_MILLISECONDS = 40_000;
/** So that one that can't start is not started all the time. */
const RESTART_MILLISECONDS = 100;
/** Beyond it the oldest output is dropped. */
const LOG_CHARACTERS = 400_000;

export const supervise = ({ name, args, env, readyUrl }: Program): Supervised => {
  let text = "";
  let restarts = 0;
  let isStopping = false;
  const add = (more: string): void => {
    text = (text + more).slice(-LOG_CHARACTERS);
  };
  const launch = (): ChildProcess => {
    const started = spawn(process.execPath, [...args], {
      cwd: ROOT,
      env: { ...inherited(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    watchChild(started);
    started.stdout?.setEncoding("utf8").on("data", add);
    started.stderr?.setEncoding("utf8").on("data", add);
    started.once("exit", (code, signal) => {
      add(`--- ${name} ended: ${signal ?? code}\n`);
      if (isStopping) return;
      restarts++;
      setTimeout(() => {
        if (!isStopping) child = launch();
      }, RESTART_MILLISECONDS);
    });
    return started;
  };
  let child = launch();

  const isReady = async (): Promise<boolean> => {
    try {
      const response = await fetch(readyUrl, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const { exitCode, signalCode } = child;
    if (exitCode !== null || signalCode !== null) return exitCode;
    const ended = once(child, "exit");
    child.kill(signal);
    const [code] = await ended;
    return code;
  };
  return {
    async whenReady() {
      try {
        await until(isReady, (ready) => ready, { deadlineMs: START_MILLISECONDS, everyMs: 50 });
      } catch {
        throw new Error(`${name} does not answer ${readyUrl}:\n${text}`);
      }
    },
    async kill() {
      await end("SIGKILL");
    },
    stop() {
      isStopping = true;
      return end("SIGTERM");
    },
    restarts: () => restarts,
    log: () => text,
  };
};

/** What any program needs; nothing of the tests' own settings. */
const inherited = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    ["PATH", "HOME", "TMPDIR", "NODE_COMPILE_CACHE"].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  ) as NodeJS.ProcessEnv;
