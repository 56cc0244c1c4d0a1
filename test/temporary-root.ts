import { mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/**
 * Gives this run of the tests, and all that it starts, one folder for temporary files. It goes with the run; what a run leaves
 * that is killed, the next one sweeps.
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
    // Somebody else's process runs too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};
