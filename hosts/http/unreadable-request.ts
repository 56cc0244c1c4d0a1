import http from "node:http";
import type { Duplex } from "node:stream";
import { InvalidInputError } from "../../lib/core/errors.ts";
import { TransportError } from "../../lib/runtime/error-map.ts";
import { type PlainAnswer, problemAnswer } from "./problem-answer.ts";

/** The response to a request that could not even be read; Node alone would send only the status. */
const answerTo = ({ code }: NodeJS.ErrnoException): PlainAnswer => {
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

/** For a server's event `clientError`: answers as far as that is possible, and closes the connection. */
export const endUnreadable = (
  error: NodeJS.ErrnoException,
  socket: Duplex,
  furtherHeaders: Readonly<Record<string, string>> = {},
): void => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = answerTo(error);
  const lines = Object.entries({
    ...headers,
    ...furtherHeaders,
    connection: "close",
    "content-length": Buffer.byteLength(body),
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${head}\r\n${body}`, () => socket.destroy());
};
