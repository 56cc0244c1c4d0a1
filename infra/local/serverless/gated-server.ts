import http, {
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { http1Settings, type TimeLimits } from "../../../engines/server/time-limits.ts";
import { InvalidInputError } from "../../../lib/core/errors.ts";
import { TransportError } from "../../../lib/runtime/error-map.ts";
import { type GateAnswer, problemAnswer } from "./gate-answer.ts";

/** Sees a request before anybody else. What it returns is the response; undefined lets the request in. */
export type Gate = (request: IncomingMessage) => GateAnswer | undefined;

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
      endWith(socket, answerTo(error));
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
  { status, headers, body }: GateAnswer,
): void => {
  request.on("error", () => {});
  response.on("error", () => {});
  request.resume();
  response.writeHead(status, { ...headers, connection: "close", "content-length": Buffer.byteLength(body) });
  response.end(body);
};

/** The response to a request that could not even be read; hapi would send only the status. */
const answerTo = ({ code }: NodeJS.ErrnoException): GateAnswer => {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return problemAnswer(new TransportError("too-slow", "The request did not arrive completely in time."));
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return problemAnswer(
      new TransportError("headers-too-large", "The address and headers must not exceed 16 KB together."),
    );
  }
  return problemAnswer(new InvalidInputError("The request is not HTTP/1.1."));
};

const endWith = (socket: Socket, { status, headers, body }: GateAnswer): void => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const lines = Object.entries({
    ...headers,
    connection: "close",
    "content-length": Buffer.byteLength(body),
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${head}\r\n${body}`, () => socket.destroy());
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
