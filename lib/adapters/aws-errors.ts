import {
  MisconfiguredError,
  ThrottledError,
  TooLargeError,
  UnavailableError,
  VersionConflictError,
} from "../core/errors.ts";

const THROTTLING = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "SlowDown",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottledException",
  "TooManyRequestsException",
  "LimitExceededException",
  "KMSThrottlingException",
  "ExecutionLimitExceeded",
]);

const UNREACHABLE = new Set([
  "TimeoutError",
  "AbortError",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

const MISCONFIGURED = new Set([
  "ResourceNotFoundException",
  "StateMachineDoesNotExist",
  "AccessDenied",
  "AccessDeniedException",
  "NoSuchBucket",
  "CredentialsProviderError",
  "UnrecognizedClientException",
]);

/** The parts of an SDK or network error that tell what happened. */
interface ServiceFailure {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** True for the error of the service that has this name. */
export const isServiceError = (error: unknown, name: string): boolean =>
  error instanceof Error && error.name === name;

/** True for a code that asks to slow down, whether it came as an error or as the fate of one record of many. */
export const isThrottling = (code: string): boolean => THROTTLING.has(code);

/**
 * What an AWS client raised, as an error of ours where it is one that callers act on; else the error itself.
 * `doing` begins the message, for example `save device van-7`.
 */
const translate = (error: unknown, doing: string): unknown => {
  if (!(error instanceof Error)) return error;
  const { name = "", code = "", message = "", $metadata } = error as ServiceFailure;
  const status = $metadata?.httpStatusCode ?? 0;
  const described = `${doing}: ${message || code || name}`;
  if (name === "ConditionalCheckFailedException") {
    return new VersionConflictError(`${doing}: another writer was faster`, { cause: error });
  }
  if (THROTTLING.has(name) || status === 429) return new ThrottledError(described, { cause: error });
  if (MISCONFIGURED.has(name)) return new MisconfiguredError(described, { cause: error });
  if (UNREACHABLE.has(name) || UNREACHABLE.has(code) || code.startsWith("ERR_HTTP2") || status >= 500) {
    return new UnavailableError(described, { cause: error });
  }
  if (name === "ValidationException" && /size has exceeded|size to update has exceeded/i.test(message)) {
    return new TooLargeError(described, { cause: error });
  }
  return error;
};

/** Awaits an answer of an AWS service; what it raises is an error of lib/core/errors.ts where there is one for it. */
export const answerTo = async <Answer>(doing: string, request: Promise<Answer>): Promise<Answer> => {
  try {
    return await request;
  } catch (error) {
    throw translate(error, doing);
  }
};
