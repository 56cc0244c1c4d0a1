import { createHash, timingSafeEqual } from "node:crypto";
import type { ChangingSecret } from "../../lib/secrets/changing-secret.ts";
import type { Calls, LoadedFunction } from "./hosted-function.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { INVOKE_TOKEN_SECRET } from "./invocation.ts";

const PATH = /^\/2015-03-31\/functions\/([A-Za-z0-9-_]{1,140})\/invocations$/;

/** The function that a request is to invoke; undefined for every other request. */
export const invokedName = (method: string, path: string): string | undefined =>
  method === "POST" ? PATH.exec(path)?.[1] : undefined;

const MINIMUM_TOKEN_LENGTH = 16;

/** Raises an Error, which does not quote it, for a token that could be guessed or not be sent. */
export const checkToken = (token: string | undefined, folder: string): void => {
  const broken =
    token === undefined
      ? "is missing"
      : token.length < MINIMUM_TOKEN_LENGTH
        ? `must have at least ${MINIMUM_TOKEN_LENGTH} characters (got ${token.length})`
        : /^[\x21-\x7e]+$/.test(token)
          ? undefined
          : "must consist of visible ASCII characters";
  if (broken !== undefined) throw new Error(`secret ${INVOKE_TOKEN_SECRET} in ${folder} ${broken}`);
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * Whether a header names a token that is good now. Takes the same time for every wrong one of a length: the
 * digests are compared, and all of them.
 */
export const hasToken = (given: string | readonly string[] | undefined, token: ChangingSecret): boolean => {
  if (typeof given !== "string" || given === "") return false;
  const sent = digest(given);
  return token
    .accepted()
    .filter((each) => each.length >= MINIMUM_TOKEN_LENGTH)
    .map((each) => timingSafeEqual(sent, digest(each)))
    .includes(true);
};

/** Answers as Lambda's Invoke does: 200 also for a function that failed, and a header that says so. */
export const invokeAnswer = async (
  calls: Calls,
  hosted: LoadedFunction,
  body: Buffer,
): Promise<HttpAnswer> => {
  let event: unknown;
  try {
    event = body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
  } catch {
    return refusal(400, "InvalidRequestContentException", "Could not parse request body into json.");
  }
  const outcome = await calls.call(hosted, event);
  switch (outcome.kind) {
    case "answered":
      return json(200, JSON.stringify(outcome.result) ?? "null");
    case "timed-out":
      return functionError({
        errorType: "Sandbox.Timedout",
        errorMessage: `Task timed out after ${hosted.timeoutSeconds.toFixed(2)} seconds`,
      });
    default:
      return functionError(errorPayload(outcome.error));
  }
};

/** What of a function's name or call Lambda itself refuses. */
export const refusal = (status: number, errorType: string, message: string): HttpAnswer => ({
  ...json(status, JSON.stringify({ Type: "User", Message: message })),
  headers: { "content-type": "application/json", "x-amzn-errortype": errorType },
});

const json = (status: number, body: string): HttpAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body,
});

const functionError = (payload: object): HttpAnswer => ({
  status: 200,
  headers: { "content-type": "application/json", "x-amz-function-error": "Unhandled" },
  body: JSON.stringify(payload),
});

/** As Node's runtime on Lambda reports what a function threw. */
const errorPayload = (thrown: unknown): object => {
  if (!(thrown instanceof Error)) {
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  }
  const { name, message, stack } = thrown;
  // V8 writes the stack's first line before a class has set its instances' name.
  const frames = stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return { errorType: name, errorMessage: message, trace: [`${name}: ${message}`, ...frames] };
};
