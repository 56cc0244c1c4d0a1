import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { readStackFile, type StackAddress } from "../infra/local/stack/stack-file.ts";
import { sleep } from "../lib/adapters/sleep.ts";

const START_SECONDS = 60;

/** `npm start` without the sample, on a free port; it ends with this process. */
export const startStackProcess = (stackFile: string, more: readonly string[] = []): ChildProcess =>
  spawn(
    process.execPath,
    [
      ...["--import", "./infra/require-node.js", "infra/local/start.ts"],
      ...["--empty", "--port", "0", ...more],
    ],
    {
      cwd: resolve(import.meta.dirname, ".."),
      env: { ...process.env, BACKTRACK_STACK_FILE: stackFile, BACKTRACK_ENDS_WITH_INPUT: "yes" },
      stdio: ["pipe", "ignore", "inherit"],
    },
  );

export const stopStackProcess = async (stack: ChildProcess): Promise<void> => {
  if (stack.exitCode !== null || stack.signalCode !== null) return;
  const ended = once(stack, "exit");
  stack.kill("SIGTERM");
  await ended;
};

/** Resolves when the stack is ready. */
export const addressOf = async (stackFile: string, stack: ChildProcess): Promise<StackAddress> => {
  for (let waited = 0; waited < START_SECONDS * 10; waited++) {
    const address = (await readStackFile(stackFile))?.address;
    if (address) return address;
    if (stack.exitCode !== null) throw new Error("the stack did not start");
    await sleep(100);
  }
  throw new Error(`the stack was not ready after ${START_SECONDS} s`);
};
