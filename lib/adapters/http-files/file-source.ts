import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Clock } from "../../core/clock.ts";
import { MisconfiguredError, NotFoundError, UnavailableError } from "../../core/errors.ts";
import type { FileSource } from "../../core/files/file-source.ts";

export interface HttpFilesOptions {
  /** The access key to sign with, asked for at each request. */
  credentials(): Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string }>;
  readonly region: string;
  readonly clock?: Clock;
  /** How long to wait for an answer, and between two pieces of it. Default: 20 s. */
  readonly timeoutMilliseconds?: number;
}

const TIMEOUT_MILLISECONDS = 20_000;
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * The files that an engine serves: `GET <location>/<key>?version=<version>`, signed with AWS's Signature
 * Version 4 for the service `s3`. `location` is such as `http://engine:8090/files`.
 */
export const httpFileSource = (location: string, options: HttpFilesOptions): FileSource => {
  const { credentials, region, clock = Date.now, timeoutMilliseconds = TIMEOUT_MILLISECONDS } = options;
  const base = new URL(location);
  const signer = new SignatureV4({
    credentials,
    region,
    service: "s3",
    sha256: Sha256,
    uriEscapePath: false,
  });

  const get = async (key: string, version: string, signal: AbortSignal): Promise<Response> => {
    const path = `${base.pathname.replace(/\/+$/, "")}/${key.split("/").map(encoded).join("/")}`;
    const { headers } = await signer.sign(
      {
        method: "GET",
        protocol: base.protocol,
        hostname: base.hostname,
        path,
        query: { version },
        headers: { host: base.host, "x-amz-content-sha256": EMPTY_SHA256 },
      },
      { signingDate: new Date(clock()) },
    );
    const { host: _, ...sent } = headers;
    const url = `${base.origin}${path}?version=${encoded(version)}`;
    return fetch(url, { headers: sent, redirect: "error", signal }).catch((cause: unknown) => {
      throw new UnavailableError(`${base.origin} doesn't answer for file ${key}`, { cause });
    });
  };

  return {
    async open({ key, version }) {
      const patience = new Patience(timeoutMilliseconds);
      const response = await get(key, version, patience.signal).finally(() => patience.pause());
      if (response.status === 200 && response.body) {
        const sizeBytes = Number(response.headers.get("content-length"));
        return { sizeBytes, chunks: wholeBody(response.body, key, sizeBytes, patience) };
      }
      patience.begin();
      const text = await response.text().catch(() => "");
      patience.pause();
      const { origin } = base;
      if (response.status === 404) {
        throw new NotFoundError(`there is no file ${key} in this version at ${location}`);
      }
      const said = `${origin} answered ${response.status} for file ${key}: ${text.slice(0, 500)}`;
      // 403 also says that the access key has just been replaced, and not yet everywhere.
      throw [400, 401, 405].includes(response.status)
        ? new MisconfiguredError(said)
        : new UnavailableError(said);
    },
  };
};

/** Gives up what stalls: a timer that is set anew for each piece. */
class Patience {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.begin();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(new Error("it stalled")), this.#milliseconds);
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.pause();
    this.#controller.abort(new Error("nobody reads on"));
  }
}

/** A broken connection may look like the end: a body shorter than announced is not the file. */
async function* wholeBody(
  body: ReadableStream<Uint8Array>,
  key: string,
  sizeBytes: number,
  patience: Patience,
): AsyncGenerator<Uint8Array> {
  let bytesRead = 0;
  try {
    const reader = body.getReader();
    for (;;) {
      patience.begin();
      const { done, value } = await reader.read().finally(() => patience.pause());
      if (done) break;
      bytesRead += value.length;
      yield value;
    }
  } catch (cause) {
    throw new UnavailableError(`reading ${key} broke off after ${bytesRead} of ${sizeBytes} bytes`, {
      cause,
    });
  } finally {
    if (bytesRead !== sizeBytes) patience.end();
  }
  if (bytesRead !== sizeBytes) {
    throw new UnavailableError(`reading ${key} ended after ${bytesRead} of ${sizeBytes} bytes`);
  }
}

/** As Signature Version 4 encodes. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
