import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Resident memory of a process and all its descendants. */
export const processTreeBytes = async (root: number): Promise<number> => {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,rss="]);
  const rows = stdout
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  const tree = [root];
  for (const parent of tree) {
    tree.push(...rows.filter(([, parentId]) => parentId === parent).map(([processId]) => processId));
  }
  const inTree = new Set(tree);
  return rows.reduce(
    (sum, [processId, , kilobytes]) => sum + (inTree.has(processId) ? kilobytes * 1024 : 0),
    0,
  );
};
