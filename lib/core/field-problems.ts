import { type FieldProblem, InvalidInputError } from "./errors.ts";

/** An array of which only the length is known. */
export class ArrayInBrief {
  readonly length: number;

  constructor(length: number) {
    this.length = length;
  }
}

/** A value as a problem shows it: long text is cut, and of arrays and objects only the kind is shown. */
export const brief = (value: unknown): unknown => {
  if (typeof value === "string") return value.length > 60 ? `${value.slice(0, 57)}...` : value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value === "boolean") return value;
  if (Array.isArray(value) || value instanceof ArrayInBrief) return `an array of ${value.length}`;
  return value === undefined ? undefined : `a value of type ${typeof value}`;
};

/** Throws an InvalidInputError that names every problem, if there are any. */
export const refuseProblems = (problems: readonly FieldProblem[]): void => {
  if (problems.length > 0) throw inputErrorOf(...problems);
};

/** An InvalidInputError that names every problem. */
export const inputErrorOf = (...problems: readonly FieldProblem[]): InvalidInputError => {
  const text = problems.map(({ field, value, rule }) =>
    value === undefined ? `${field} ${rule}` : `${field} ${rule}, but is ${brief(value)}`,
  );
  return new InvalidInputError(text.join("; "), { problems });
};
