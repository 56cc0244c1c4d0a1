import type { FieldProblem } from "../../core/errors.ts";

/**
 * Finding the reason costs more than finding that there is one, and a file may hold millions of such rows.
 */
const LOOKED_AT_ROWS = 10_000;
/** Reasons are few; where rules name what was found, the rest is counted together. */
const MAXIMUM_REASONS = 50;
const OTHER = "for other reasons, which were not looked for";

/** Of rows that are not told one by one: how many there are for each reason. */
export class ReasonCounts {
  readonly #counts = new Map<string, number>();
  #rows = 0;

  /** Counts a row by the first thing that is wrong with it. */
  add(problemsIn: () => readonly FieldProblem[]): void {
    const reason = this.#rows++ < LOOKED_AT_ROWS ? reasonOf(problemsIn()) : OTHER;
    const isTooMany = !this.#counts.has(reason) && this.#counts.size >= MAXIMUM_REASONS;
    const key = isTooMany ? OTHER : reason;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  told(): { readonly moreRejected?: Readonly<Record<string, number>> } {
    return this.#rows === 0 ? {} : { moreRejected: Object.fromEntries(this.#counts) };
  }
}

const reasonOf = ([problem]: readonly FieldProblem[]): string =>
  problem ? `${problem.field} ${problem.rule}` : OTHER;
