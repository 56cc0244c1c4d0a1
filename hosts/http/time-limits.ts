import type { ServerOptions } from "node:http";
import type { ServerHttp2Session } from "node:http2";

/** How long a client may hold a connection without using it, whoever it is. */
export interface TimeLimits {
  /** From the connection, or from the first byte of a further request, to the end of the headers. */
  readonly headersMilliseconds: number;
  /** To the end of the body. */
  readonly requestMilliseconds: number;
  /** Between two requests. */
  readonly idleMilliseconds: number;
  /** How often that is looked at. */
  readonly checkMilliseconds: number;
}

export const TIME_LIMITS: TimeLimits = {
  headersMilliseconds: 10_000,
  requestMilliseconds: 60_000,
  idleMilliseconds: 60_000,
  checkMilliseconds: 2_000,
};

export const http1Settings = (limits: TimeLimits): ServerOptions => ({
  headersTimeout: limits.headersMilliseconds,
  requestTimeout: limits.requestMilliseconds,
  keepAliveTimeout: limits.idleMilliseconds,
  connectionsCheckingInterval: limits.checkMilliseconds,
});

/** Ends an HTTP/2 connection on which nothing moves, unless an answer is still being worked on. */
export const closeIdleSession = (session: ServerHttp2Session, idleMilliseconds: number): void => {
  let open = 0;
  session.on("stream", (stream) => {
    open++;
    stream.on("close", () => open--);
  });
  session.setTimeout(idleMilliseconds, () => {
    if (open === 0) session.destroy();
  });
};
