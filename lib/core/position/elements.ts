import type { FieldProblem } from "../errors.ts";
import type { JsonFields } from "./json-fields.ts";
import { problemsOf, tryAppendRead } from "./parse-position.ts";
import { TIMESTAMP_RULES, type TimestampRules } from "./parse-timestamp.ts";
import { PositionBuffer } from "./position-buffer.ts";

/**
 * The most problems that are reported one by one: a body of a million broken lines must not give an answer of
 * that size.
 */
export const MAXIMUM_PROBLEMS = 1000;

/** What became of the elements of a body. */
export interface ElementsOutcome {
  /** How many elements became positions. */
  readonly accepted: number;
  /** How many elements did not. */
  readonly refused: number;
  /**
   * Why, each with the element's `index`: at most MAXIMUM_PROBLEMS, and then one that says how many more
   * there are.
   */
  readonly rejected: readonly FieldProblem[];
}

/**
 * The buffer for the position of the last element that was read, or a function that says why there is none.
 */
export type BufferOf = (fields: JsonFields) => PositionBuffer | (() => readonly FieldProblem[]);

/** The elements of a body on their way into buffers. */
export class Elements {
  readonly fields: JsonFields;
  private readonly problems: FieldProblem[] = [];
  private readonly nowMs: number;
  private readonly bufferOf: BufferOf;
  private readonly rules: TimestampRules;
  private accepted = 0;
  private count = 0;
  private untold = 0;

  constructor(fields: JsonFields, nowMs: number, bufferOf: BufferOf, rules = TIMESTAMP_RULES) {
    this.fields = fields;
    this.nowMs = nowMs;
    this.bufferOf = bufferOf;
    this.rules = rules;
  }

  /** Takes the element that was read last. */
  add(): void {
    const { fields, nowMs, rules } = this;
    const buffer = this.bufferOf(fields);
    if (buffer instanceof PositionBuffer && tryAppendRead(buffer, fields, nowMs, rules)) {
      this.accepted++;
      this.count++;
    } else if (this.isFull) this.refuseUntold();
    else if (buffer instanceof PositionBuffer) this.refuse(problemsOf(fields.element(), nowMs, rules));
    else this.refuse(buffer());
  }

  /** Enough problems are reported; more need not be looked for. */
  get isFull(): boolean {
    return this.problems.length >= MAXIMUM_PROBLEMS;
  }

  refuse(problems: readonly FieldProblem[]): void {
    const index = this.count++;
    for (const problem of problems) this.problems.push({ ...problem, index });
  }

  refuseUntold(): void {
    this.count++;
    this.untold++;
  }

  result(): ElementsOutcome {
    const { accepted, problems, untold } = this;
    const rule = `${untold} more were refused; only the first are listed`;
    return {
      accepted,
      refused: this.count - accepted,
      rejected: untold === 0 ? problems : [...problems, { field: "position", rule }],
    };
  }
}
