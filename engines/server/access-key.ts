import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Guard, refusalOf } from "./guard.ts";

/*
 * What keeps the engines behind the API (stream, tables, workflows, schedules, functions) to this stack's own
 * clients: every start makes a random access key, and requests that do not name it are refused. It is in the
 * stack's file, which only its user can read. The id alone is compared; it is as hard to guess as the secret,
 * and over the loopback nobody else reads it. Signatures are not computed.
 */

export interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** For an engine that was started without an access key, and asks for none: in tests, never in a stack. */
export const ANY_CREDENTIALS: LocalCredentials = { accessKeyId: "local", secretAccessKey: "local" };

export const newCredentials = (): LocalCredentials => ({
  accessKeyId: `LOCAL${randomBytes(16).toString("hex").toUpperCase()}`,
  secretAccessKey: randomBytes(30).toString("base64url"),
});

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * Whether an Authorization header, as AWS Signature Version 4 writes it, names the access key. Takes equally
 * long for every other one.
 */
export const namesAccessKey = (authorization: string | undefined, accessKeyId: string): boolean => {
  const named = /\bCredential=([^/,\s]+)/.exec(authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(named), digest(accessKeyId));
};

/**
 * An Authorization header that names the access key, for our own client of the Lambda API, which has no SDK.
 */
export const authorizationFor = ({ accessKeyId }: LocalCredentials): string =>
  `AWS4-HMAC-SHA256 Credential=${accessKeyId}/local`;

/** What AWS answers to a key that it does not know. */
export const UNKNOWN_ACCESS_KEY = refusalOf(
  403,
  "UnrecognizedClientException",
  "This stack has an access key of its own, which is in .backtrack/stack.json; this is another one",
);

/** Refuses what does not name the access key. */
export const accessKeyGuard =
  (accessKeyId: string): Guard =>
  ({ headers }) =>
    namesAccessKey(headers.authorization, accessKeyId) ? {} : { refusal: UNKNOWN_ACCESS_KEY };
