import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { watchChild } from "./children.ts";

export const ROOT = resolve(import.meta.dirname, "..");

/**
 * A test file's temporary folder; its `stackFile` keeps the tests' stacks apart from one that a person runs.
 */
export const temporaryFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-"));
  return {
    path: (...names: string[]) => join(folder, ...names),
    stackFile: join(folder, "stack.json"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** A command of the project as its npm script runs it, in its own process. */
export interface CommandProcess {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when it ends; if that takes too long, kills it and rejects. */
  ended(deadlineMs?: number): Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export interface CommandOptions {
  readonly stackFile: string;
  /** In its own process group, as a terminal starts it. */
  readonly detached?: boolean;
  /** Besides this process's own variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

const SCRIPTS = {
  redrive: "infra/redrive/redrive.ts",
  start: "infra/local/start.ts",
  tail: "infra/local/tail.ts",
  invoke: "infra/local/invoke.ts",
  keys: "infra/keys/keys.ts",
};

export const runCommand = (
  script: keyof typeof SCRIPTS,
  args: readonly string[],
  { stackFile, detached, environment }: CommandOptions,
): CommandProcess => {
  const child = spawn(process.execPath, ["--import", "./infra/require-node.js", SCRIPTS[script], ...args], {
    cwd: ROOT,
    detached,
    env: { ...commandEnvironment(stackFile), ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  return observe(child);
};

/**
 * The stack's location. And the process ends when its standard input closes, so with the tests, however they
 * end.
 */
export const commandEnvironment = (stackFile: string): NodeJS.ProcessEnv => ({
  ...process.env,
  BACKTRACK_STACK_FILE: stackFile,
  BACKTRACK_ENDS_WITH_INPUT: "yes",
});

export const observe = (child: ChildProcess): CommandProcess => {
  watchChild(child);
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const closed = once(child, "close").then(([code, signal]) => ({ code, signal }));
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    async ended(deadlineMs = 20_000) {
      const late = new AbortController();
      const deadline = sleep(deadlineMs, undefined, { signal: late.signal }).then(() => {
        child.kill("SIGKILL");
        throw new Error(`still running after ${deadlineMs} ms\n${stdout}${stderr}`);
      });
      try {
        return await Promise.race([closed, deadline]);
      } finally {
        late.abort();
        deadline.catch(() => {});
      }
    },
  };
};

/** Retries until the condition holds. On timeout, raises the last attempt's error or shows its last value. */
export const until = async <Value>(
  look: () => Value | Promise<Value>,
  holds: (value: Value) => boolean,
  { deadlineMs = 20_000, everyMs = 50 } = {},
): Promise<Value> => {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const late = performance.now() > giveUpAt;
    try {
      const value = await look();
      if (holds(value)) return value;
      if (late) throw new Error(`not so after ${deadlineMs} ms: ${JSON.stringify(value)}`);
    } catch (error) {
      if (late) throw error;
    }
    await sleep(everyMs);
  }
};

/** Also false for a process that has ended but that its parent has not reaped yet. */
export const isRunning = (processId: number): boolean => {
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(processId)], { encoding: "utf8" });
    return !state.trim().startsWith("Z");
  } catch {
    return false;
  }
};

/** The process and all its descendants. */
export const processTree = (root: number): number[] => {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  const tree = [root];
  for (const parent of tree) {
    tree.push(...rows.filter(([, parentId]) => parentId === parent).map(([id]) => id));
  }
  return tree;
};

export interface StackProcess extends CommandProcess {
  readonly apiUrl: string;
  /** The process that runs the functions. */
  functionHostProcessId(): number;
}

/** `npm start -- <args>` on a free port, up to its ready line. */
export const startStackProcess = async (
  args: readonly string[],
  options: CommandOptions,
): Promise<StackProcess> => {
  const command = runCommand("start", ["--port", "0", ...args], options);
  return untilReady(command);
};

/** Starts stacks, and stops those that still run. */
export const stackProcesses = (options: CommandOptions) => {
  const running = new Set<StackProcess>();
  return {
    async start(...args: string[]): Promise<StackProcess> {
      const stack = await startStackProcess(args, options);
      running.add(stack);
      return stack;
    },
    async stopAll(): Promise<void> {
      for (const stack of running) {
        stack.child.kill("SIGINT");
        await stack.ended();
      }
      running.clear();
    },
  };
};

export const untilReady = async (command: CommandProcess): Promise<StackProcess> => {
  const { child } = command;
  const apiUrl = await until(
    () => {
      if (child.exitCode !== null) throw new Error(`ended: ${command.stdout()}${command.stderr()}`);
      return command.stdout().match(/ready at (http:\S+)/)?.[1] ?? "";
    },
    (found) => found !== "",
    { deadlineMs: 30_000, everyMs: 20 },
  );
  return {
    ...command,
    apiUrl,
    functionHostProcessId: () => processTree(child.pid ?? 0).find((id) => isFunctionHost(id)) ?? 0,
  };
};

const isFunctionHost = (processId: number): boolean => {
  try {
    const command = execFileSync("ps", ["-o", "args=", "-p", String(processId)], { encoding: "utf8" });
    return command.includes("serverless/host.ts");
  } catch {
    return false;
  }
};
