/** One thing that is wrong with an input: which field, what it held, and the rule it broke. */
export interface FieldProblem {
  /** Name of the field as the caller wrote it, for example `latitude` or `windowSeconds`. */
  readonly field: string;
  /** The offending value, shortened when it is long; absent when the field was missing. */
  readonly value?: unknown;
  /** The rule, as a sentence a caller can act on, for example `must be between -90 and 90`. */
  readonly rule: string;
  /** Position of the element in an array, or of the row in a file, counted from 0. */
  readonly index?: number;
}

/**
 * What kind of failure this is, in the domain's own words. The runtime maps a code to an HTTP status, to a
 * retry or to quarantine; the domain never learns those.
 */
export type ErrorCode =
  | "invalid-input"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "key-reused"
  | "limit-reached"
  | "gone"
  | "too-large"
  | "unsupported-format"
  | "undecodable"
  | "refused"
  | "throttled"
  | "unavailable"
  | "misconfigured";

/**
 * Root of every error that Backtrack throws on purpose. `name` is what a workflow's `ErrorEquals` matches.
 */
export abstract class BacktrackError extends Error {
  abstract readonly code: ErrorCode;
  readonly problems: readonly FieldProblem[];

  constructor(message: string, options: { cause?: unknown; problems?: readonly FieldProblem[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.problems = options.problems ?? [];
  }
}

/** The caller sent something that breaks a rule; `problems` name each field. */
export class InvalidInputError extends BacktrackError {
  override readonly code = "invalid-input";
}

/** The caller is unknown: no key, or an invalid one. */
export class UnauthenticatedError extends BacktrackError {
  override readonly code = "unauthenticated";
}

/** Whoever asks may not do this. */
export class ForbiddenError extends BacktrackError {
  override readonly code = "forbidden";
}

/** The named device, recording, replay or task does not exist. */
export class NotFoundError extends BacktrackError {
  override readonly code = "not-found";
}

/** The request does not fit the current state. */
export class ConflictError extends BacktrackError {
  override readonly code = "conflict";
}

/** It was there, and was deleted. */
export class GoneError extends BacktrackError {
  override readonly code = "gone";
}

/** The idempotency key was used before with another request. */
export class KeyReusedError extends BacktrackError {
  override readonly code = "key-reused";
}

/**
 * A limit on how many may exist at once is reached; waiting helps. The message names the limit and the count.
 */
export class LimitError extends BacktrackError {
  override readonly code = "limit-reached";
  /** Where it is known when there is room again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    options: {
      cause?: unknown;
      problems?: readonly FieldProblem[];
      retryAfterSeconds?: number;
    } = {},
  ) {
    super(message, options);
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** A conditional write lost against another writer: read again and decide again. */
export class VersionConflictError extends BacktrackError {
  override readonly code = "conflict";
}

/** The input is larger than is accepted. */
export class TooLargeError extends BacktrackError {
  override readonly code = "too-large";
}

/** The input is in a format that is not understood. */
export class UnsupportedFormatError extends BacktrackError {
  override readonly code = "unsupported-format";
}

/** Bytes that are not an encoded segment. */
export class SegmentError extends BacktrackError {
  override readonly code = "undecodable";
}

/** A stream record that can't be read as positions of one device. */
export class RecordError extends BacktrackError {
  override readonly code = "undecodable";
}

/** A service that we depend on refused a request, and would refuse it again. */
export class RefusedError extends BacktrackError {
  override readonly code = "refused";
}

/** A service that we depend on asks to slow down. */
export class ThrottledError extends BacktrackError {
  override readonly code = "throttled";
}

/** A service that we depend on did not answer. */
export class UnavailableError extends BacktrackError {
  override readonly code = "unavailable";
}

/** The deployment is wrong, for example because a variable is not set. */
export class MisconfiguredError extends BacktrackError {
  override readonly code = "misconfigured";
}

/**
 * The one list of errors that no retry will cure: something too large for its table or stream, a request that
 * a service refuses, stored bytes that can't be decoded, an input that breaks a rule. Adapters decide which
 * answers of a service are one of these.
 */
const HOPELESS: ReadonlySet<ErrorCode> = new Set(["too-large", "refused", "undecodable", "invalid-input"]);

/** Throttling, time-outs, missing rights and unexpected errors may pass, and are worth another attempt. */
export const isHopeless = (error: unknown): error is BacktrackError =>
  error instanceof BacktrackError && HOPELESS.has(error.code);
