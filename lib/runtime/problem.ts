import { withoutKeys } from "../core/access/key-text.ts";
import { BacktrackError, type FieldProblem, LimitError } from "../core/errors.ts";
import { beginningOfJson } from "./beginning-of-json.ts";
import { codeOf, ERROR_MAP, TransportError } from "./error-map.ts";

/** Problem details, RFC 9457, with the wrong fields as the extension member `errors`. */
export interface Problem {
  /** `urn:backtrack:problem:<code>`: how a client should distinguish problems. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** `urn:backtrack:request:<request id>`. */
  readonly instance: string;
  readonly errors?: readonly FieldProblem[];
}

const LONGEST_VALUE = 100;
/**
 * Long enough that a key cut at this point lies beyond what is shown, however many keys are hidden before it.
 */
const LOOKED_AT = 20 * LONGEST_VALUE;

/** Keys are hidden before the text is cut, because a cut could leave most of one. */
const shorten = (given: string): string => {
  const text = withoutKeys(given.slice(0, LOOKED_AT));
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
};

/** A value as a response may show it: short, without a key, and never a number that JSON can't express. */
export const presentable = (value: unknown): unknown => {
  if (value === undefined || value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "object") return shorten(beginningOfJson(value, LOOKED_AT));
  return shorten(String(value));
};

/** Field problems as responses show them. */
export const presentableProblems = (problems: readonly FieldProblem[]): FieldProblem[] =>
  problems.map((problem) => ({
    ...problem,
    field: shorten(problem.field),
    value: presentable(problem.value),
  }));

/** One problem as a sentence: `latitude must be between -90 and 90 (got 91)`. */
export const sentence = ({ field, value, rule }: FieldProblem): string => {
  const shown = presentable(value);
  const named = `${shorten(field)} ${rule}`;
  return shown === undefined ? named : `${named} (got ${JSON.stringify(shown)})`;
};

/**
 * The problem details of any thrown value. An error that is not ours, or that the caller can't fix, reveals
 * nothing about the inside: the log has it, under the request's id.
 */
export const problemOf = (error: unknown, requestId: string): Problem => {
  const code = codeOf(error);
  const { status, title, retryAfterSeconds } = ERROR_MAP[code];
  const errors = error instanceof BacktrackError ? presentableProblems(error.problems) : [];
  return {
    type: `urn:backtrack:problem:${code}`,
    title,
    status,
    detail: withoutKeys(detailOf(error, status, retryAfterSeconds)),
    instance: `urn:backtrack:request:${requestId}`,
    ...(errors.length > 0 && { errors }),
  };
};

const detailOf = (error: unknown, status: number, retryAfterSeconds: number | undefined): string => {
  if (error instanceof LimitError) return error.message;
  if (retryAfterSeconds !== undefined) return `Please try again in ${retryAfterSeconds} s.`;
  const told = error instanceof BacktrackError || error instanceof TransportError;
  return told && status < 500 ? error.message : "Please report it with this request's id.";
};
