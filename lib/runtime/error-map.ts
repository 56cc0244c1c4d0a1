import { BacktrackError, type ErrorCode, LimitError } from "../core/errors.ts";

/** The HTTP response to one kind of failure. */
export interface ErrorAnswer {
  readonly status: number;
  /** The problem's title: the same for every occurrence (RFC 9457, section 3.1.3). */
  readonly title: string;
  /** Sent as `Retry-After` where trying again helps. */
  readonly retryAfterSeconds?: number;
  /** Sent as `WWW-Authenticate`: how to authenticate. */
  readonly challenge?: string;
}

/** Failures without a domain code: what only the transport can get wrong, and what nobody foresaw. */
type TransportCode =
  | "no-such-route"
  | "not-acceptable"
  | "foreign-origin"
  | "foreign-host"
  | "too-slow"
  | "timed-out"
  | "headers-too-large"
  | "internal";
export type ProblemCode = ErrorCode | TransportCode;

/** The one place where a kind of failure becomes an HTTP status. */
export const ERROR_MAP: Readonly<Record<ProblemCode, ErrorAnswer>> = {
  "invalid-input": { status: 400, title: "The request is not valid" },
  // RFC 6750. `x-api-key` has no scheme that a challenge could name.
  unauthenticated: { status: 401, title: "A valid key is required", challenge: 'Bearer realm="backtrack"' },
  forbidden: { status: 403, title: "The key does not allow this" },
  "foreign-origin": { status: 403, title: "Pages of this origin may not use the API" },
  "not-found": { status: 404, title: "Not found" },
  "no-such-route": { status: 404, title: "There is no such route" },
  "not-acceptable": { status: 406, title: "The requested format is not available" },
  conflict: { status: 409, title: "The request conflicts with the current state" },
  "key-reused": { status: 422, title: "The idempotency key was used for another request" },
  "limit-reached": { status: 429, title: "A limit has been reached", retryAfterSeconds: 30 },
  gone: { status: 410, title: "It no longer exists" },
  "too-large": { status: 413, title: "The input is too large" },
  "unsupported-format": { status: 415, title: "The format is not supported" },
  "too-slow": { status: 408, title: "The request took too long to arrive" },
  "headers-too-large": { status: 431, title: "The address and headers are too large" },
  "foreign-host": { status: 421, title: "The API does not answer to this host name" },
  throttled: { status: 429, title: "Too many requests", retryAfterSeconds: 1 },
  // No route passes a caller's bytes to a decoder: what can't be decoded here is our own stored data.
  undecodable: { status: 500, title: "The service failed" },
  refused: { status: 500, title: "The service failed" },
  misconfigured: { status: 500, title: "The service failed" },
  internal: { status: 500, title: "The service failed" },
  "timed-out": { status: 504, title: "The request was not answered in time" },
  unavailable: { status: 503, title: "The service is not available right now", retryAfterSeconds: 2 },
};

/** Names and codes of the errors of a service that did not answer: the SDK's, then Node's. */
const UNAVAILABLE_NAMES: ReadonlySet<string> = new Set([
  "InternalFailure",
  "InternalServerError",
  "ServiceUnavailable",
  "TimeoutError",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/**
 * The code of any thrown value. Adapters translate what their SDK throws, and only they know the names of its
 * errors (lib/adapters/aws-errors.ts). If one slips through, the SDK's own classification decides, so that a
 * caller is told to try again rather than that the service failed.
 */
export const codeOf = (error: unknown): ProblemCode => {
  if (error instanceof BacktrackError) return error.code;
  if (error instanceof TransportError) return error.code;
  if (!isObject(error)) return "internal";
  if (isObject(error.$retryable) && error.$retryable.throttling === true) return "throttled";
  if (isObject(error.$metadata) && error.$metadata.httpStatusCode === 429) return "throttled";
  const named = UNAVAILABLE_NAMES.has(String(error.name)) || UNAVAILABLE_NAMES.has(String(error.code));
  return named || error.$fault === "server" ? "unavailable" : "internal";
};

/** When asking again helps: what the error itself knows, else what holds for its kind. */
export const retryAfterOf = (error: unknown): number | undefined =>
  (error instanceof LimitError ? error.retryAfterSeconds : undefined) ??
  ERROR_MAP[codeOf(error)].retryAfterSeconds;

/** A failure of the HTTP exchange itself, which the domain has no word for. */
export class TransportError extends Error {
  readonly code: TransportCode;

  constructor(code: TransportCode, message: string) {
    super(message);
    this.name = "TransportError";
    this.code = code;
  }
}
