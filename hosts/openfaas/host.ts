import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { TooLargeError, UnavailableError } from "../../lib/core/errors.ts";
import { SAFE_HEADERS } from "../../lib/runtime/safe-headers.ts";
import type { ChangingSecret } from "../../lib/secrets/changing-secret.ts";
import { problemAnswer } from "../http/problem-answer.ts";
import { http1Settings, TIME_LIMITS, type TimeLimits } from "../http/time-limits.ts";
import { endUnreadable } from "../http/unreadable-request.ts";
import { corsFor } from "./cors.ts";
import { type Calls, type LoadedFunction, type Time, trackedCalls } from "./hosted-function.ts";
import { type HttpAnswer, notServed } from "./http-answer.ts";
import { httpApi, type RequestHead } from "./http-api.ts";
import { HOST_HEADER, INVOKE_TOKEN_HEADER } from "./invocation.ts";
import { hasToken, invokeAnswer, invokedName, refusal } from "./invoke-api.ts";
import { type Body, type BodyReader, bodyReader, dropBody, MAXIMUM_BODY_BYTES } from "./request-body.ts";
import type { HostSettings } from "./settings.ts";

/*
 * A plain HTTP server for a group of functions: their routes as API Gateway serves them, and Lambda's Invoke
 * for whoever has the token. Everything it answers is marked (HOST_HEADER), so that it is told from what a
 * gateway answers in its place. Its own paths are those of OpenFaaS:
 *
 * - `/_/health`: 200 while the process lives.
 * - `/_/ready`: 200 while it takes work, 503 while it is about to end.
 */

export interface Host {
  readonly port: number;
  /** Functions that have not ended. */
  readonly inFlight: number;
  /** Is not ready from now on, and starts nothing for the engine, but serves requests. */
  retire(): void;
  /** Takes no connection any more, and resolves when every call has ended and been answered. */
  close(): Promise<void>;
  /** Cuts every connection. */
  cut(): void;
}

export interface HostOptions {
  readonly settings: HostSettings;
  /** Lets the engine in; without one nobody is. */
  readonly token: ChangingSecret;
  /** A failure that its caller is not told. */
  readonly onFailure: (functionName: string, error: unknown) => void;
  readonly onOverstay: (functionName: string) => void;
  readonly time?: Time;
  readonly timeLimits?: TimeLimits;
  readonly bodies?: BodyReader;
}

/**
 * A gateway keeps connections open between requests and uses one again just when the host closes it, if the
 * host is the first to do so.
 */
const HOST_TIME_LIMITS: TimeLimits = { ...TIME_LIMITS, idleMilliseconds: 130_000 };

const BUSY = "As many calls run as this process takes at once.";

/** Serves functions. Rejects with the system's error, for example code EADDRINUSE, when it can't listen. */
export const startHost = async (
  functions: readonly LoadedFunction[],
  { settings, token, onFailure, onOverstay, time, timeLimits = HOST_TIME_LIMITS, ...options }: HostOptions,
): Promise<Host> => {
  const { bodies = bodyReader() } = options;
  const calls: Calls = trackedCalls({ onOverstay, ...(time && { time }) });
  const api = httpApi(functions, calls, settings, onFailure);
  const cors = corsFor(settings.allowedOrigins);
  const byName = new Map(functions.map((hosted) => [hosted.name, hosted]));
  let isRetired = false;

  const isFull = (): boolean => calls.inFlight >= settings.maximumInFlight;

  /** Reads the body for an answer that needs it, unless there is no room for the call. */
  const answered = async (
    request: IncomingMessage,
    busy: () => HttpAnswer,
    answer: (body: Buffer) => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> => {
    if (isFull()) return busy();
    let body: Body;
    try {
      body = await bodies.read(request);
    } catch (error) {
      if (error instanceof TooLargeError || error instanceof UnavailableError) return problemAnswer(error);
      throw error;
    }
    try {
      return isFull() ? busy() : await answer(body.bytes);
    } finally {
      body.release();
    }
  };

  const invoke = (request: IncomingMessage, name: string): Promise<HttpAnswer> | HttpAnswer => {
    const hosted = byName.get(name);
    if (!hosted) return refusal(404, "ResourceNotFoundException", `Function not found: ${name}`);
    const busy = () => refusal(503, "ServiceException", BUSY);
    if (isRetired) return refusal(503, "ServiceException", "This process is about to end.");
    return answered(request, busy, (body) => invokeAnswer(calls, hosted, body));
  };

  const serve = (request: IncomingMessage, head: RequestHead): Promise<HttpAnswer> | HttpAnswer => {
    const { method, target, headers } = head;
    const preflight = cors.preflight(method, headers);
    if (preflight) return { status: 204, headers: preflight, body: "" };
    const found = api.find(head);
    if (found === undefined) return notServed(method, target.split("?")[0]);
    if ("status" in found) return found;
    const busy = () => problemAnswer(new UnavailableError(BUSY));
    return answered(request, busy, found.answer);
  };

  const exchange = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "GET", url: target = "/", headers, socket } = request;
    const path = target.split("?")[0];
    if (path === "/_/health") return send(request, response, HEALTHY);
    if (path === "/_/ready") return send(request, response, isRetired ? RETIRED : HEALTHY);
    const name = invokedName(method, path);
    if (name !== undefined && hasToken(headers[INVOKE_TOKEN_HEADER], token)) {
      const answer = await invoke(request, name);
      return send(request, response, answer, isRetired);
    }
    const head = { method, target, headers, remoteAddress: socket.remoteAddress ?? "" };
    const answer = await serve(request, head);
    const varies = [answer.headers.vary, cors.headersFor(headers).vary].flat().filter(Boolean).join(", ");
    const further = { ...cors.headersFor(headers), ...(varies && { vary: varies }) };
    send(request, response, { ...answer, headers: { ...answer.headers, ...further } }, isRetired);
  };

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader(HOST_HEADER, "1");
    response.on("error", () => {});
    exchange(request, response).catch((error) => {
      // The client is gone, or what was returned can't be a response; nobody else is concerned.
      if (response.headersSent || request.socket.destroyed) return void response.destroy();
      onFailure("host", error);
      for (const name of response.getHeaderNames()) if (name !== HOST_HEADER) response.removeHeader(name);
      send(request, response, problemAnswer(new Error("The host failed.", { cause: error })));
    });
  };

  const server = createServer(http1Settings(timeLimits), onRequest);
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    // Whoever asks first is told before it sends too much.
    const isTooLarge = Number(request.headers["content-length"] ?? 0) > MAXIMUM_BODY_BYTES;
    if (isTooLarge) response.setHeader("connection", "close");
    else response.writeContinue();
    onRequest(request, response);
  });
  server.on("clientError", (error, socket) => endUnreadable(error, socket, { [HOST_HEADER]: "1" }));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, () => {
      server.off("error", reject);
      resolve();
    });
  });

  return {
    port: (server.address() as AddressInfo).port,
    get inFlight() {
      return calls.inFlight;
    },
    retire: () => {
      isRetired = true;
    },
    close: async () => {
      isRetired = true;
      await Promise.all([new Promise((resolve) => server.close(resolve)), calls.idle()]);
    },
    cut: () => server.closeAllConnections(),
  };
};

const plain = (status: number, body: string): HttpAnswer => ({
  status,
  headers: { ...SAFE_HEADERS, "content-type": "text/plain" },
  body,
});
const HEALTHY = plain(200, "OK");
const RETIRED = plain(503, "about to end");

const send = (
  request: IncomingMessage,
  response: ServerResponse,
  answer: HttpAnswer,
  isLast = false,
): void => {
  const { status, headers, body } = answer;
  if (response.destroyed) return;
  response.statusCode = status;
  if (isLast) response.setHeader("connection", "close");
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const hasBody = status !== 204 && status !== 304;
  if (hasBody) response.setHeader("content-length", Buffer.byteLength(body));
  response.end(hasBody && request.method !== "HEAD" ? body : undefined);
  dropBody(request);
};
