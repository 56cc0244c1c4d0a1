import type { IncomingMessage } from "node:http";
import { TooLargeError, UnavailableError } from "../../lib/core/errors.ts";

/** What of one request is kept in memory, at most; API Gateway's limit. */
export const MAXIMUM_BODY_BYTES = 10 * 1024 * 1024;

/** What of all requests is: a slow client with a large body must not cost the others theirs. */
const MAXIMUM_BYTES_OF_ALL = 8 * MAXIMUM_BODY_BYTES;

/** How much of a body that is not wanted is let in, so that its sender reads the response. */
const MAXIMUM_DROPPED_BYTES = 64 * 1024 * 1024;

/** Reads bodies, and bounds what all of them take. */
export interface BodyReader {
  /**
   * The body, and what to call when it is needed no more. Rejects with TooLargeError, with UnavailableError
   * while others take all the memory, or with Node's error when the client is gone.
   */
  read(request: IncomingMessage): Promise<Body>;
}

export interface Body {
  readonly bytes: Buffer;
  release(): void;
}

export const bodyReader = (
  maximumBytes = MAXIMUM_BODY_BYTES,
  maximumBytesOfAll = MAXIMUM_BYTES_OF_ALL,
): BodyReader => {
  let taken = 0;

  const read = async (request: IncomingMessage): Promise<Body> => {
    const tooLarge = (): TooLargeError =>
      new TooLargeError(`The body must not be larger than ${maximumBytes} bytes.`);
    const declared = Number(request.headers["content-length"] ?? 0);
    if (declared > maximumBytes) throw tooLarge();
    const chunks: Buffer[] = [];
    let length = 0;
    const release = (): void => {
      taken -= length;
      length = 0;
    };
    try {
      // Leaving the loop must not close the connection: the response is still to be sent.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        const { byteLength } = chunk as Buffer;
        if (length + byteLength > maximumBytes) throw tooLarge();
        if (taken + byteLength > maximumBytesOfAll) throw new UnavailableError("too many bodies at once");
        length += byteLength;
        taken += byteLength;
        chunks.push(chunk as Buffer);
      }
    } catch (error) {
      release();
      throw error;
    }
    return { bytes: Buffer.concat(chunks, length), release };
  };
  return { read };
};

/**
 * Lets the rest of a body in and forgets it, up to a limit: a client that is cut off while it sends may never
 * read the response.
 */
export const dropBody = (request: IncomingMessage): void => {
  if (request.readableEnded || request.destroyed) return;
  let dropped = 0;
  request.on("data", (chunk: Buffer) => {
    dropped += chunk.byteLength;
    if (dropped > MAXIMUM_DROPPED_BYTES) request.socket.destroy();
  });
  request.on("error", () => {});
  request.resume();
};
