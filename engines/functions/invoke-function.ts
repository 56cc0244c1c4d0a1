import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { HOST_HEADER } from "../../hosts/openfaas/invocation.ts";
import { authorizationFor, type LocalCredentials } from "../server/access-key.ts";
import { answerKind } from "./answer-kind.ts";
import { FunctionError, HostUnreachableError, PerhapsRanError } from "./call-errors.ts";

/*
 * Calls functions. `Invoke` is the one port through which the event source, the workflows and the scheduler
 * reach them; `httpInvoke` is its implementation over Lambda's own API (POST
 * /2015-03-31/functions/<name>/invocations), which serverless-offline serves.
 */

/**
 * Calls a function with an event and resolves with its result; rejects with FunctionError,
 * HostUnreachableError or PerhapsRanError (call-errors.ts), or with the reason of the signal.
 */
export type Invoke = (functionName: string, event: unknown, signal?: AbortSignal) => Promise<unknown>;

export interface HttpInvokeOptions {
  /**
   * Of the Lambda API, for example `http://127.0.0.1:3002`; or one for each function, such as
   * functionsAddress makes them. A path in it is kept.
   */
  readonly endpoint: string | ((functionName: string) => string);
  /** Further headers of every call, asked for at each: a token may change. */
  headers?(): Readonly<Record<string, string>>;
  /** Whose access key is named; none is without them. */
  readonly credentials?: LocalCredentials;
  /**
   * The endpoint is the process that runs the functions, so a function is over when its connection breaks.
   * Behind a gateway it may run on. False by default.
   */
  readonly isFunctionHost?: boolean;
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

/** A host that is there takes a connection within this; one whose machine is gone says nothing at all. */
const CONNECT_MILLISECONDS = 10_000;

interface RawResponse {
  readonly status: number;
  readonly answeredBy: string | undefined;
  readonly isFromHost: boolean;
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

export const httpInvoke = ({
  endpoint,
  headers: furtherHeaders,
  credentials,
  isFunctionHost = false,
  timeoutSeconds,
}: HttpInvokeOptions): HttpInvoke => {
  const agents = {
    "http:": new HttpAgent({ keepAlive: true }),
    "https:": new HttpsAgent({ keepAlive: true }),
  };
  const urlOf = (functionName: string): URL => {
    const address = typeof endpoint === "string" ? endpoint : endpoint(functionName);
    return new URL(`${address}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`);
  };

  const post = async (functionName: string, body: Buffer, signal: AbortSignal): Promise<RawResponse> => {
    const url = urlOf(functionName);
    const isSecure = url.protocol === "https:";
    const agent = agents[isSecure ? "https:" : "http:"];
    const headers = {
      ...furtherHeaders?.(),
      "content-type": "application/json",
      "content-length": body.length,
      ...(credentials && { authorization: authorizationFor(credentials) }),
    };
    let request: ClientRequest | undefined;
    let isConnected = false;
    let answered = false;
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const options = { method: "POST", agent, headers, signal };
        request = (isSecure ? httpsRequest : httpRequest)(url, options, resolve);
        request.on("error", reject);
        whenConnected(request, isSecure ? "secureConnect" : "connect", () => {
          isConnected = true;
        });
        request.end(body);
      });
      answered = true;
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return {
        status: response.statusCode ?? 0,
        answeredBy: response.headers["x-openfaas-internal"]?.toString(),
        isFromHost: response.headers[HOST_HEADER] !== undefined,
        failed: response.headers["x-amz-function-error"] !== undefined,
        body: Buffer.concat(chunks).toString(),
      };
    } catch (error) {
      // A kept connection that the host closed while it was idle: the request was not seen. A new connection
      // tells.
      if (request?.reusedSocket && codeOf(error) === "ECONNRESET" && !answered && !signal.aborted)
        return post(functionName, body, signal);
      // Nothing is sent before: not to a host that drops packets, nor to one whose certificate is not
      // trusted.
      if (!isConnected) throw unreachable(functionName, error);
      throw error;
    }
  };

  const invoke: Invoke = async (functionName, event, signal) => {
    const seconds = timeoutSeconds(functionName);
    const timeout = AbortSignal.timeout(seconds * 1_000 + TIMEOUT_GRACE_MILLISECONDS);
    const body = Buffer.from(JSON.stringify(event) ?? "null");
    const sentMs = performance.now();
    const mayRunForMs = (): number => Math.max(0, sentMs + seconds * 1_000 - performance.now());
    let response: RawResponse;
    try {
      response = await post(functionName, body, signal ? AbortSignal.any([signal, timeout]) : timeout);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof HostUnreachableError) throw error;
      if (timeout.aborted) throw timedOut(seconds);
      throw brokenCall(functionName, error, isFunctionHost ? 0 : mayRunForMs());
    }
    return resultOf(functionName, response, seconds, mayRunForMs());
  };

  return {
    invoke,
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
};

/** Ends a request that gets no connection in time. */
const whenConnected = (
  request: ClientRequest,
  event: "connect" | "secureConnect",
  connected: () => void,
): void => {
  request.on("socket", (socket) => {
    if (request.reusedSocket) return connected();
    const late = setTimeout(() => {
      request.destroy(new Error(`no connection within ${CONNECT_MILLISECONDS / 1_000} s`));
    }, CONNECT_MILLISECONDS);
    request.once("close", () => clearTimeout(late));
    socket.once(event, () => {
      clearTimeout(late);
      connected();
    });
  });
};

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

const timedOut = (seconds: number): FunctionError =>
  new FunctionError("Sandbox.Timedout", `Task timed out after ${seconds.toFixed(2)} seconds`);

const reasonOf = (error: unknown): string => codeOf(error) || String(error);

const unreachable = (functionName: string, error: unknown): Error =>
  new HostUnreachableError(`function ${functionName}: the host does not answer (${reasonOf(error)})`, {
    cause: error,
  });

const brokenCall = (functionName: string, error: unknown, mayRunForMs: number): Error => {
  const reason = reasonOf(error);
  // The host died while the function ran, perhaps because of this very event, or a gateway was restarted.
  return new PerhapsRanError(`function ${functionName}: the connection broke (${reason})`, mayRunForMs, {
    cause: error,
  });
};

const resultOf = (
  functionName: string,
  { status, answeredBy, isFromHost, failed, body }: RawResponse,
  timeoutSeconds: number,
  mayRunForMs: number,
): unknown => {
  if (failed) {
    const { errorType, errorMessage, trace, stackTrace } = errorPayload(body);
    const stack = trace ?? stackTrace ?? [];
    throw new FunctionError(errorName(errorType, stack), errorMessage ?? body, stack);
  }
  if (status !== 200) {
    const message = `function ${functionName}: the host answered ${status}: ${body}`;
    switch (answerKind(status, answeredBy, isFromHost)) {
      case "did-not-run":
        throw new HostUnreachableError(message);
      case "timed-out":
        throw timedOut(timeoutSeconds);
      case "perhaps-ran":
        throw new PerhapsRanError(message, 0);
      case "perhaps-runs":
        throw new PerhapsRanError(message, mayRunForMs);
      default:
        // The event itself is refused, for its size above all. Waiting would change nothing.
        throw new FunctionError("Lambda.AWSLambdaException", message);
    }
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
