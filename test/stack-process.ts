import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { watchChild } from "./children.ts";

export const ROOT = resolve(import.meta.dirname, "..");

/** A temporary folder of one test file; its `stackFile` keeps the tests' stacks apart from one that a person runs. */
export const temporaryFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-"));
  return {
    path: (...names: string[]) => join(folder, ...names),
    stackFile: join(folder, "stack.json"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** A command of the project as its npm script runs it, in a process of its own. */
export interface CommandProcess {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when it has ended; rejects, and kills it, when that takes too long. */
  ended(deadlineMs?: number): Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export interface CommandOptions {
  readonly stackFile: string;
  /** In a process group of its own, as a terminal starts it. */
  readonly detached?: boolean;
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
  { stackFile, detached }: CommandOptions,
): CommandProcess => {
  const child = spawn(process.execPath, ["--import", "./infra/require-node.js", SCRIPTS[script], ...args], {
    cwd: ROOT,
    detached,
    env: commandEnvironment(stackFile),
    stdio: ["pipe", "pipe", "pipe"],
  });
  return observe(child);
};

/** Besides where the stack is: the process ends with the pipe to its standard input, that is, with the tests, however they end. */
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

/** Tries until it holds; the error of the last attempt, or what was seen last, when it does not in time. */
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

/** Also false for one that has ended and that nobody has fetched yet. */
export const isRunning = (processId: number): boolean => {
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(processId)], { encoding: "utf8" });
    return !state.trim().startsWith("Z");
  } catch {
    return false;
  }
};

/** The process and all that descend from it. */
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

/** Starts stacks, and ends those that still run. */
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
