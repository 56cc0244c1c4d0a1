import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/transport-node";
import {
  BacktrackError,
  MisconfiguredError,
  RefusedError,
  ThrottledError,
  TooLargeError,
  UnavailableError,
} from "../../core/errors.ts";

/**
 * JetStream's own numbers, `err_code` in its answers: https://github.com/nats-io/nats-server,
 * server/errors.json.
 */
const STREAM_NOT_FOUND = 10_059;
const STREAM_MISMATCH = 10_060;
const NO_MESSAGE = 10_037;
const DELETE_FAILED = 10_057;
const STREAM_SEALED = 10_109;
const NOT_ENABLED_FOR_ACCOUNT = 10_039;
const MESSAGE_TOO_LARGE = 10_054;
const STORE_FAILED = 10_077;
const THROTTLING: ReadonlySet<number> = new Set([
  // The account's, the server's memory's and disk's limits, and too many publishers at a time.
  10_002, 10_023, 10_028, 10_047, 10_167,
]);
const MISCONFIGURED: ReadonlySet<number> = new Set([
  STREAM_NOT_FOUND,
  STREAM_MISMATCH,
  STREAM_SEALED,
  NOT_ENABLED_FOR_ACCOUNT,
]);
/** A record may have 1 MiB, which is all that NATS takes by default, and has headers. */
export const PAYLOAD_ADVICE = "set max_payload: 2MB in nats-server's configuration";
/** What a full stream with `discard: new` answers. */
const FULL_WORDS = /maximum (bytes|messages)/;

const UNREACHABLE: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** Of the client, for a file that is no credentials file, and a server without encryption for tls://. */
const MISCONFIGURED_WORDS = /unable to parse credentials|does not support 'tls'/;
/** Of OpenSSL and Node: a certificate that is not trusted, has expired, or is for another host. */
const CERTIFICATE_CODES = /CERT|^UNABLE_TO_/;

const UNREACHABLE_ERRORS = [
  errors.TimeoutError,
  errors.NoRespondersError,
  errors.ClosedConnectionError,
  errors.DrainingConnectionError,
  errors.ConnectionError,
  errors.RequestError,
];
const FORBIDDEN_ERRORS = [
  errors.AuthorizationError,
  errors.UserAuthenticationExpiredError,
  errors.PermissionViolationError,
];

/** True for JetStream's answer that there is no stream of this name. */
export const isNoStream = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;

/** True for JetStream's answer that there is no message under this number, or no longer. */
export const isNoMessage = (error: unknown): boolean =>
  error instanceof JetStreamApiError &&
  (error.code === NO_MESSAGE || (error.code === DELETE_FAILED && /no message found/.test(error.message)));

/** True when nobody serves the subject: no stream has it, or JetStream is still starting. */
export const isNoResponders = (error: unknown): boolean =>
  error instanceof errors.NoRespondersError ||
  (error instanceof Error && error.cause !== undefined && isNoResponders(error.cause));

/**
 * What NATS or its client threw as one of our errors if callers act on it; else it is returned as it is.
 * `doing` begins the message, for example `publish to positions`.
 */
export const translateNats = (error: unknown, doing: string): unknown => {
  if (!(error instanceof Error) || error instanceof BacktrackError) return error;
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const described = `${doing}: ${error.message || cause?.message || error.name}`;
  if (error instanceof JetStreamApiError) return apiError(error, described);
  const isOneOf = (classes: readonly (abstract new (...given: never[]) => Error)[]): boolean =>
    classes.some((one) => error instanceof one || cause instanceof one);
  if (isOneOf(FORBIDDEN_ERRORS) || MISCONFIGURED_WORDS.test(`${error.message} ${cause?.message}`))
    return new MisconfiguredError(described, { cause: error });
  if (/max_payload/.test(error.message))
    return new TooLargeError(`${described}; ${PAYLOAD_ADVICE}`, { cause: error });
  const { code = "" } = error as NodeJS.ErrnoException;
  if (CERTIFICATE_CODES.test(code)) {
    return new MisconfiguredError(`${described}; NATS_CA must name the certificates to trust`, {
      cause: error,
    });
  }
  if (isOneOf(UNREACHABLE_ERRORS) || UNREACHABLE.has(code))
    return new UnavailableError(described, { cause: error });
  return error;
};

const apiError = (error: JetStreamApiError, described: string): Error => {
  const { code, status } = error;
  if (MISCONFIGURED.has(code)) return new MisconfiguredError(described, { cause: error });
  if (code === MESSAGE_TOO_LARGE) return new TooLargeError(described, { cause: error });
  if (THROTTLING.has(code) || (code === STORE_FAILED && FULL_WORDS.test(error.message))) {
    return new ThrottledError(described, { cause: error });
  }
  // 408: it had no time; 5xx: no leader, a failed store, a message with this id that is on its way.
  if (status === 408 || status === 429 || status >= 500)
    return new UnavailableError(described, { cause: error });
  return new RefusedError(described, { cause: error });
};

/** Awaits an answer of NATS, and throws its errors as those of lib/core/errors.ts if there is one. */
export const natsAnswerTo = async <Answer>(doing: string, request: Promise<Answer>): Promise<Answer> => {
  try {
    return await request;
  } catch (error) {
    throw translateNats(error, doing);
  }
};
