import { createHash } from "node:crypto";
import {
  createServer as createHttp1Server,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  closeIdleSession,
  http1Settings,
  TIME_LIMITS,
  type TimeLimits,
} from "../../hosts/http/time-limits.ts";
import { accessKeyGuard } from "./access-key.ts";
import { type Guard, type RequestHead, WRONG_BODY } from "./guard.ts";

/*
 * One small HTTP server for every engine. It binds 127.0.0.1 unless told otherwise, and speaks HTTP/1.1 and
 * cleartext HTTP/2 on the same port, because the SDK's Kinesis client insists on HTTP/2 while curl and the
 * AWS CLI speak HTTP/1.1. A request is read whole before it is answered, but for what `answerUnread` takes,
 * and a client that goes away in the middle (killed, say) disturbs nobody. Nobody holds a connection who does
 * not use it. A guard decides who is served.
 */

/** A request, read whole. */
export interface EngineRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface EngineResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  /** What comes in pieces has its length in `content-length`; when it breaks off, so does the connection. */
  readonly body: Buffer | string | AsyncIterable<Uint8Array>;
}

/** A request whose body was not read. */
export interface UnreadRequest extends RequestHead {
  /** As it arrives; to be compared with `bodySha256` by whoever reads it. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly bodySha256?: string;
}

/** Answers one request; a rejection becomes status 500. */
export type Answer = (request: EngineRequest) => Promise<EngineResponse>;

export interface RunningServer {
  /** For example `http://127.0.0.1:4567`. */
  readonly endpoint: string;
  /**
   * Lets requests in flight finish for up to a second, then cuts every connection. Calling it again is
   * harmless.
   */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** The address to bind; 127.0.0.1 by default. */
  readonly host?: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly maximumBodyBytes?: number;
  /** Requests that do not name it are refused unread; without one everybody is served. */
  readonly accessKeyId?: string;
  /** Who is served, in place of `accessKeyId`. */
  readonly guard?: Guard;
  /** Answers requests with large bodies as they arrive; undefined for those that are read whole. */
  readonly answerUnread?: (request: UnreadRequest) => Promise<EngineResponse> | undefined;
  readonly timeLimits?: TimeLimits;
}

const DRAIN_MILLISECONDS = 1_000;
const DEFAULT_MAXIMUM_BODY_BYTES = 16 * 1024 * 1024;
const CLOSING: EngineResponse = { status: 503, headers: {}, body: "" };

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

const readBody = async (request: Request, maximumBytes: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= maximumBytes) chunks.push(chunk);
  }
  return length > maximumBytes ? undefined : Buffer.concat(chunks, length);
};

const send = async (response: Response, { status, headers, body }: EngineResponse): Promise<void> => {
  if (response.destroyed) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (typeof body === "string" || Buffer.isBuffer(body)) {
    response.setHeader("content-length", Buffer.byteLength(body));
    response.end(body);
    return;
  }
  // When reading breaks off, the connection is cut: the client sees that something is missing.
  await pipeline(Readable.from(body, { objectMode: false }), response).catch(() => response.destroy());
};

const hashesTo = (body: Buffer, sha256: string): boolean =>
  createHash("sha256").update(body).digest("hex") === sha256;

/** Serves. Rejects with the system's error, for example code EADDRINUSE, when it can't listen. */
export const serve = async (answer: Answer, options: ServeOptions = {}): Promise<RunningServer> => {
  const { host = "127.0.0.1", port = 0, maximumBodyBytes = DEFAULT_MAXIMUM_BODY_BYTES } = options;
  const { accessKeyId, answerUnread, timeLimits = TIME_LIMITS } = options;
  const { guard = accessKeyId === undefined ? undefined : accessKeyGuard(accessKeyId) } = options;
  const inFlight = new Set<Promise<void>>();
  let closing: Promise<void> | undefined;

  const exchange = async (request: Request, response: Response): Promise<void> => {
    const { method = "GET", url = "/", headers } = request;
    const head = { method, url, headers };
    const verdict = (await guard?.(head)) ?? {};
    if (verdict.refusal) {
      request.resume();
      return send(response, verdict.refusal);
    }
    // What is behind the server is about to close, and must not be asked any more.
    if (closing) return send(response, CLOSING);
    try {
      const { bodySha256 } = verdict;
      const unread = answerUnread?.({ ...head, body: request, bodySha256 });
      if (unread) {
        const answered = await unread.finally(() => request.resume());
        return send(response, answered);
      }
      const body = await readBody(request, maximumBodyBytes);
      if (!body) return send(response, { status: 413, headers: {}, body: "" });
      if (closing) return send(response, CLOSING);
      if (bodySha256 !== undefined && !hashesTo(body, bodySha256)) return send(response, WRONG_BODY);
      return send(response, await answer({ ...head, body }));
    } catch (error) {
      return send(response, { status: 500, headers: { "content-type": "text/plain" }, body: `${error}` });
    }
  };
  const onRequest = (request: Request, response: Response): void => {
    // Without listeners an aborted request would end the process; the iterator reports it all the same.
    request.on("error", () => {});
    response.on("error", () => {});
    const done = exchange(request, response)
      .catch(() => {})
      .finally(() => inFlight.delete(done));
    inFlight.add(done);
  };

  const http1 = createHttp1Server(http1Settings(timeLimits), onRequest);
  const http2 = createHttp2Server(onRequest);
  http2.on("session", (session) => closeIdleSession(session, timeLimits.idleMilliseconds));
  // It gets its connections from the listener below, but looks after their time limits only once it
  // "listens".
  http1.emit("listening");
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    // Whoever connects and says nothing is not yet known to either server, so neither would end it.
    socket.setTimeout(timeLimits.headersMilliseconds, () => socket.destroy());
    socket.once("data", (first) => {
      socket.setTimeout(0);
      socket.pause();
      socket.unshift(first);
      // Only an HTTP/2 connection's preface begins so (RFC 9113, 3.4); no HTTP/1.1 method does.
      const protocol = first.toString("latin1", 0, 5).startsWith("PRI *") ? http2 : http1;
      protocol.emit("connection", socket);
      process.nextTick(() => socket.resume());
    });
  });

  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(port, host, () => {
      listener.off("error", reject);
      resolve();
    });
  });

  const shutDown = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, DRAIN_MILLISECONDS);
    });
    await Promise.race([Promise.all(inFlight), deadline]);
    clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
    http1.closeAllConnections();
    http1.close();
    await closed;
  };
  return {
    endpoint: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
};
