import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import type { StackFile } from "../../infra/local/stack/stack-file.ts";
import type { KeyRequest } from "../../lib/core/access/create-key.ts";

export interface SentRequest {
  readonly method?: string;
  /** As it goes on the wire: nothing is encoded or normalised. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, text and bytes unchanged. */
  readonly body?: object | string | Uint8Array;
  /** Default: the key with all scopes. null sends none. */
  readonly key?: string | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly seconds: number;
  /** The body as JSON; undefined when it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: an attack reads answers of every shape, and asserts on them
  readonly json: any;
}

/** A stack that the attacks started for themselves. */
export interface OwnStack {
  /** Its own description: every endpoint and folder. */
  readonly file: StackFile & Required<Pick<StackFile, "address">>;
  newKey(request: Partial<KeyRequest>): Promise<string>;
}

/** The stack under attack. */
export interface Target {
  readonly apiUrl: string;
  send(request: SentRequest): Promise<Answer>;
  /** A device id that nothing else uses. */
  newDeviceId(): string;
  /**
   * Sends good positions one second apart, the newest at `endMs`, and resolves when the device's state shows
   * them.
   */
  drive(deviceId: string, options?: { readonly count?: number; readonly endMs?: number }): Promise<void>;
  /** Checks every 100 ms until the condition holds; the attack's time limit ends it. */
  until<Value>(look: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value>;
  /** A recording of two minutes; imported once. */
  recordingId(): Promise<string>;
  /** Aborted when the time limit is over. */
  readonly signal: AbortSignal;
  /** Only for attacks that need it. */
  own(): OwnStack;
}

export interface TargetOptions {
  readonly apiUrl: string;
  readonly key?: string;
  readonly signal: AbortSignal;
  readonly own?: OwnStack;
}

export const targetAt = ({ apiUrl, key, signal, own }: TargetOptions): Target => {
  const send = (request: SentRequest): Promise<Answer> => sendTo(apiUrl, request, { key, signal });
  const until: Target["until"] = async (look, holds) => {
    for (;;) {
      signal.throwIfAborted();
      const value = await look();
      if (holds(value)) return value;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  return {
    apiUrl,
    signal,
    send,
    until,
    newDeviceId: () => `attack-${crypto.randomUUID()}`,
    async drive(deviceId, { count = 2, endMs = Date.now() - 1000 } = {}) {
      const positions = Array.from({ length: count }, (_, index) => ({
        timestamp: endMs - (count - 1 - index) * 1000,
        latitude: 46 + index * 1e-5,
        longitude: 14.5,
      }));
      const path = `/devices/${deviceId}/positions`;
      const { status, text } = await send({ method: "POST", path, body: positions });
      if (status !== 202) throw new Error(`good positions were answered ${status}: ${text}`);
      const wanted = new Date(endMs).toISOString();
      const ask = () => send({ path: `/devices/${deviceId}` });
      await until(ask, ({ json }) => json?.position?.timestamp === wanted);
    },
    async recordingId() {
      const rows = Array.from({ length: 120 }, (_, second) => `${1_780_000_000 + second},46,14.5`);
      const { status, text, json } = await send({
        method: "POST",
        path: "/recordings?name=attack",
        headers: { "content-type": "text/csv" },
        body: ["timestamp,latitude,longitude", ...rows].join("\n"),
      });
      if (status >= 300) throw new Error(`a good recording was answered ${status}: ${text}`);
      return json.recordingId;
    },
    own() {
      if (!own) throw new Error("this attack must declare that it needs its own stack");
      return own;
    },
  };
};

/** One request over its own connection. Any header can be set, even Host and Origin. */
export const sendTo = (
  apiUrl: string,
  { method = "GET", path, headers = {}, body, key }: SentRequest,
  options: { readonly key?: string; readonly signal?: AbortSignal },
): Promise<Answer> => {
  const sentKey = key === undefined ? options.key : (key ?? undefined);
  const isJson = typeof body === "object" && !(body instanceof Uint8Array);
  const url = new URL(apiUrl);
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(
      {
        protocol: url.protocol,
        hostname: url.hostname,
        port: url.port,
        path,
        method,
        agent: false,
        signal: options.signal,
        headers: {
          ...(isJson && { "content-type": "application/json" }),
          ...(sentKey !== undefined && { authorization: `Bearer ${sentKey}` }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            seconds: (performance.now() - startedMs) / 1000,
            json: parsed(text),
          });
        });
      },
    );
    request.on("error", reject);
    request.end(isJson ? JSON.stringify(body) : body);
  });
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
