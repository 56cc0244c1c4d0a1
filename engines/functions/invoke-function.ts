import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { authorizationFor, type LocalCredentials } from "../server/access-key.ts";

/*
 * Calls functions. `Invoke` is the one port through which the event-source poller and the workflows reach them; `httpInvoke` is its
 * implementation over Lambda's own API (POST /2015-03-31/functions/<name>/invocations), which serverless-offline serves.
 *
 * It tells two failures apart, because they must be answered differently:
 * - FunctionError: the function ran, or began to. Trying again counts as a retry.
 * - HostUnreachableError: nothing ran, because nobody listens or the host refuses work. Trying again costs the event nothing.
 */

/** Calls a function with an event and resolves with its result; rejects with FunctionError or HostUnreachableError. */
export type Invoke = (functionName: string, event: unknown, signal?: AbortSignal) => Promise<unknown>;

/**
 * A function's own failure. `name` is what it threw by, as Lambda reports it in `errorType`, so that it can be matched by
 * name; Lambda's names for what the function could not report itself are `Sandbox.Timedout` and `Runtime.ExitError`.
 */
export class FunctionError extends Error {
  /** The stack where the function threw, as far as it was reported. */
  readonly trace: readonly string[];

  constructor(errorType: string, errorMessage: string, trace: readonly string[] = []) {
    super(errorMessage);
    this.name = errorType;
    this.trace = trace;
  }
}

/** The function did not run: the host is down, starting, or asks to slow down. */
export class HostUnreachableError extends Error {
  override readonly name = "HostUnreachableError";
}

export interface HttpInvokeOptions {
  /** Of the Lambda API, for example `http://127.0.0.1:3002`. */
  readonly endpoint: string;
  /** Whose access key is named; none is without them. */
  readonly credentials?: LocalCredentials;
  /** How long a function may take, from its definition. Lambda ends it then, and so do we. */
  timeoutSeconds(functionName: string): number;
}

export interface HttpInvoke {
  readonly invoke: Invoke;
  /** Closes the connections that are kept alive. */
  close(): void;
}

/** The host ends the function itself when its time is over; only when it fails to do so, we do. */
const TIMEOUT_GRACE_MILLISECONDS = 2_000;

const NEVER_REACHED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const MAY_HAVE_RUN = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);

interface RawResponse {
  readonly status: number;
  readonly failed: boolean;
  readonly body: string;
}

/** What Lambda sends for a function that failed. */
interface ErrorPayload {
  readonly errorType?: string;
  readonly errorMessage?: string;
  readonly trace?: readonly string[];
  readonly stackTrace?: readonly string[];
}

export const httpInvoke = ({ endpoint, credentials, timeoutSeconds }: HttpInvokeOptions): HttpInvoke => {
  const agent = new Agent({ keepAlive: true });

  const post = async (functionName: string, body: Buffer, signal: AbortSignal): Promise<RawResponse> => {
    const url = new URL(`/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`, endpoint);
    const headers = {
      "content-type": "application/json",
      "content-length": body.length,
      ...(credentials && { authorization: authorizationFor(credentials) }),
    };
    let request: ClientRequest | undefined;
    let answered = false;
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request = httpRequest(url, { method: "POST", agent, headers, signal }, resolve);
        request.on("error", reject);
        request.end(body);
      });
      answered = true;
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return {
        status: response.statusCode ?? 0,
        failed: response.headers["x-amz-function-error"] !== undefined,
        body: Buffer.concat(chunks).toString(),
      };
    } catch (error) {
      // A kept connection that the host closed while it was idle: the request was not seen. A new connection tells.
      if (request?.reusedSocket && codeOf(error) === "ECONNRESET" && !answered && !signal.aborted)
        return post(functionName, body, signal);
      throw error;
    }
  };

  const invoke: Invoke = async (functionName, event, signal) => {
    const seconds = timeoutSeconds(functionName);
    const timeout = AbortSignal.timeout(seconds * 1_000 + TIMEOUT_GRACE_MILLISECONDS);
    const body = Buffer.from(JSON.stringify(event) ?? "null");
    let response: RawResponse;
    try {
      response = await post(functionName, body, signal ? AbortSignal.any([signal, timeout]) : timeout);
    } catch (error) {
      signal?.throwIfAborted();
      if (timeout.aborted) {
        throw new FunctionError("Sandbox.Timedout", `Task timed out after ${seconds.toFixed(2)} seconds`);
      }
      throw hostError(functionName, error);
    }
    return resultOf(functionName, response);
  };

  return { invoke, close: () => agent.destroy() };
};

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

const hostError = (functionName: string, error: unknown): unknown => {
  const code = codeOf(error);
  if (NEVER_REACHED.has(code)) {
    return new HostUnreachableError(`function ${functionName}: the host does not answer (${code})`, {
      cause: error,
    });
  }
  // The host died while the function ran, perhaps because of this very event: that must count as a retry.
  if (MAY_HAVE_RUN.has(code)) {
    return new FunctionError("Runtime.ExitError", `function ${functionName}: the host exited (${code})`);
  }
  return error;
};

const resultOf = (functionName: string, { status, failed, body }: RawResponse): unknown => {
  if (failed) {
    const { errorType, errorMessage, trace, stackTrace } = errorPayload(body);
    const stack = trace ?? stackTrace ?? [];
    throw new FunctionError(errorName(errorType, stack), errorMessage ?? body, stack);
  }
  if (status !== 200) {
    const message = `function ${functionName}: the host answered ${status}: ${body}`;
    // 404 too: the function is not deployed yet, and its events must wait for it.
    if (status === 404 || status === 429 || status >= 500) throw new HostUnreachableError(message);
    // The event itself is refused, for its size above all. Waiting would change nothing.
    throw new FunctionError("Lambda.AWSLambdaException", message);
  }
  try {
    return body === "" ? null : JSON.parse(body);
  } catch {
    throw new FunctionError("Runtime.InvalidResponse", `function ${functionName} answered no JSON: ${body}`);
  }
};

const errorPayload = (body: string): ErrorPayload => {
  try {
    return (JSON.parse(body) ?? {}) as ErrorPayload;
  } catch {
    return {};
  }
};

/** serverless-offline calls every error `Error`; the first line of the stack still has its name. */
const errorName = (errorType = "Error", trace: readonly string[]): string =>
  errorType === "Error" ? (trace[0]?.match(/^([A-Za-z_$][\w$.]*)(:|$)/)?.[1] ?? errorType) : errorType;
