import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/* The processes that tests have started, so that none outlives its test file, whatever fails there. */

const running = new Set<ChildProcess>();

/** Remembers a process until it ends. */
export const watchChild = (child: ChildProcess): void => {
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.once("error", () => running.delete(child));
};

/** Kills the processes that still run, and returns what they were. */
export const endChildren = async (): Promise<string[]> => {
  const left = [...running];
  await Promise.all(
    left.map(async (child) => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }),
  );
  return left.map(({ spawnargs }) => spawnargs.join(" "));
};
