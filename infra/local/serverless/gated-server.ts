import http, {
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { PlainAnswer } from "../../../hosts/http/problem-answer.ts";
import { http1Settings, type TimeLimits } from "../../../hosts/http/time-limits.ts";
import { endUnreadable } from "../../../hosts/http/unreadable-request.ts";

/** Sees a request before anybody else. What it returns is the response; undefined lets the request in. */
export type Gate = (request: IncomingMessage) => PlainAnswer | undefined;

/**
 * A server that asks a gate about each request before its listeners see it, and closes connections that stay
 * idle.
 */
export class GatedServer extends http.Server {
  readonly #gate: Gate;

  constructor(gate: Gate, limits: TimeLimits, options: ServerOptions = {}, listener?: RequestListener) {
    super({ ...options, ...http1Settings(limits) }, listener);
    this.#gate = gate;
  }

  override emit(event: string, ...details: unknown[]): boolean {
    if (event === "request" || event === "checkContinue") {
      const [request, response] = details as [IncomingMessage, ServerResponse];
      const answer = this.#gate(request);
      if (answer) {
        refuse(request, response, answer);
        return true;
      }
    }
    if (event === "clientError") {
      const [error, socket] = details as [NodeJS.ErrnoException, Socket];
      endUnreadable(error, socket);
      return true;
    }
    return super.emit(event, ...details);
  }
}

/**
 * Does not wait for the body: what arrives of it is dropped, and the connection closes after the response.
 */
const refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: PlainAnswer,
): void => {
  request.on("error", () => {});
  response.on("error", () => {});
  request.resume();
  response.writeHead(status, { ...headers, connection: "close", "content-length": Buffer.byteLength(body) });
  response.end(body);
};

/**
 * Makes every server of this process a gated one. hapi, inside serverless-offline, creates its servers with
 * http.createServer, and neither has an option for time limits, or lets anybody see a request to the Lambda
 * endpoint.
 */
export const gateServers = (gate: Gate, limits: TimeLimits): void => {
  const createServer = (...[options, listener]: [(ServerOptions | RequestListener)?, RequestListener?]) =>
    typeof options === "function"
      ? new GatedServer(gate, limits, {}, options)
      : new GatedServer(gate, limits, options, listener);
  http.createServer = createServer as typeof http.createServer;
};
