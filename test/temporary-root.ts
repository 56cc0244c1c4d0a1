import { mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/**
 * Gives this test run, and everything it starts, one folder for temporary files. The run removes it at its
 * end; the next run sweeps the folder of a run that was killed.
 */
export const ownTemporaryRoot = (): void => {
  if (process.env.BACKTRACK_TEST_ROOT !== undefined) return;
  const runs = join(realpathSync(tmpdir()), `backtrack-tests-${userInfo().username}`);
  const root = join(runs, String(process.pid));
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  sweep(runs);
  process.env.BACKTRACK_TEST_ROOT = root;
  for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = root;
  process.on("exit", () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));
};

/** Removes the folders of runs whose process is gone. */
const sweep = (runs: string): void => {
  for (const name of readdirSync(runs)) {
    if (!isRunning(Number(name))) rmSync(join(runs, name), { recursive: true, force: true });
  }
};

const isRunning = (processId: number): boolean => {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // A process of another user counts as running.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};
