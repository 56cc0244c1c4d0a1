import {
  MisconfiguredError,
  RefusedError,
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

/**
 * While a self-hosted stack's access key is replaced, callers and what they call learn of the new one at
 * different moments, up to a minute apart. What is asked in between has to be asked again.
 */
const PERHAPS_NEWER_KEY = new Set([
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
]);

const MISCONFIGURED = new Set([
  "ResourceNotFoundException",
  "StateMachineDoesNotExist",
  "AccessDenied",
  "AccessDeniedException",
  "NoSuchBucket",
  "CredentialsProviderError",
]);

/** Errors for a request that the service would refuse again, from anybody and at any time. */
const REFUSED = new Set(["ValidationException", "InvalidArgumentException", "SerializationException"]);

/**
 * Errors for something beyond the service's limits; DynamoDB and Kinesis use one of REFUSED, and say it in
 * the message.
 */
const TOO_LARGE = new Set([
  "ItemCollectionSizeLimitExceededException",
  "RequestEntityTooLarge",
  "RequestTooLargeException",
  "EntityTooLarge",
]);
const TOO_LARGE_WORDS =
  /size has exceeded|size to update has exceeded|maximum allowed size|less than or equal to 1048576/i;

/** The table is not the one that the code expects: every record is refused until a deployment fixes it. */
const OTHER_TABLE_WORDS = /does not match the schema|missing the key|type mismatch for key|specified index/i;

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

/** True for a code that asks to slow down, as an error or as the result of one record of many. */
export const isThrottling = (code: string): boolean => THROTTLING.has(code);

/** True for a code that refuses one record of many for good. */
export const isRefusal = (code: string): boolean => REFUSED.has(code) || TOO_LARGE.has(code);

/**
 * Turns what an AWS client threw into one of our errors if callers act on it; else returns it as it is.
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
  if (PERHAPS_NEWER_KEY.has(name)) return new UnavailableError(described, { cause: error });
  if (MISCONFIGURED.has(name)) return new MisconfiguredError(described, { cause: error });
  if (UNREACHABLE.has(name) || UNREACHABLE.has(code) || code.startsWith("ERR_HTTP2") || status >= 500) {
    return new UnavailableError(described, { cause: error });
  }
  if (TOO_LARGE.has(name) || status === 413) return new TooLargeError(described, { cause: error });
  if (REFUSED.has(name)) return refusal(described, error);
  return error;
};

const refusal = (described: string, cause: Error): Error => {
  if (OTHER_TABLE_WORDS.test(cause.message)) return new MisconfiguredError(described, { cause });
  if (TOO_LARGE_WORDS.test(cause.message)) return new TooLargeError(described, { cause });
  return new RefusedError(described, { cause });
};

/**
 * Awaits an answer of an AWS service, and throws its errors as those of lib/core/errors.ts if there is one.
 */
export const answerTo = async <Answer>(doing: string, request: Promise<Answer>): Promise<Answer> => {
  try {
    return await request;
  } catch (error) {
    throw translate(error, doing);
  }
};
