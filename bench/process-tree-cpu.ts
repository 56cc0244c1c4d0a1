import { readFileSync } from "node:fs";
import { processTree } from "../test/stack-process.ts";

/** What Linux counts processor time in. */
const TICKS_PER_SECOND = 100;

/**
 * Processor time that a process and its descendants have used, in milliseconds; NaN where /proc is missing.
 */
export const processTreeCpuMs = (root: number): number =>
  processTree(root).reduce((sum, processId) => sum + ownCpuMs(processId), 0);

/** Processor time of one process alone, in milliseconds. */
export const ownCpuMs = (processId: number): number => {
  try {
    // The name of the program stands in brackets, and may hold spaces.
    const [, fields] = readFileSync(`/proc/${processId}/stat`, "utf8").split(") ");
    const [user, system] = fields.split(" ").slice(11, 13).map(Number);
    return ((user + system) * 1_000) / TICKS_PER_SECOND;
  } catch {
    return process.platform === "linux" ? 0 : Number.NaN;
  }
};
