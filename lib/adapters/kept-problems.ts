import type { FieldProblem } from "../core/errors.ts";

/** Leaves room in an item of 400 KB for all else that is known of a record but its data. */
const MAXIMUM_PROBLEM_BYTES = 200 * 1024;

/** A reason may quote what a service answered, of any length. */
const MAXIMUM_REASON_LENGTH = 4_000;

export const keptReason = (reason: string): string =>
  reason.length <= MAXIMUM_REASON_LENGTH ? reason : `${reason.slice(0, MAXIMUM_REASON_LENGTH)} ...`;

/**
 * The problems of a quarantined record that are kept: all, unless a record of thousands of bad elements has
 * more than an item holds. Then the first ones; the data is whole, so that the others can be found again.
 */
export const keptProblems = (problems: readonly FieldProblem[]): readonly FieldProblem[] => {
  let bytes = 2;
  for (const [index, problem] of problems.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(problem)) + 1;
    if (bytes > MAXIMUM_PROBLEM_BYTES) return problems.slice(0, index);
  }
  return problems;
};
