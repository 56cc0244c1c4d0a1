import { Agent, type IncomingMessage, request } from "node:http";
import { percentile, tenths } from "./percentile.ts";

export interface HttpLoad {
  readonly method: string;
  /** Of each request, by its number. */
  readonly url: (index: number) => string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: (index: number) => string;
  /** What every request must be answered. */
  readonly status: number;
}

export interface HttpLoadOptions {
  readonly seconds: number;
  /** Clients, each with one connection and one request at a time. */
  readonly clients: number;
}

export interface HttpLoadResult {
  readonly requestsPerSecond: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
}

/**
 * Clients that send one request after the other. Rejects when one is answered otherwise than it should be.
 */
export const measureHttp = async (
  load: HttpLoad,
  { seconds, clients }: HttpLoadOptions,
): Promise<HttpLoadResult> => {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const durationsMs: number[] = [];
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  let sent = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const beforeMs = performance.now();
      await send(load, sent++, agent);
      durationsMs.push(performance.now() - beforeMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
  } finally {
    agent.destroy();
  }
  return {
    requestsPerSecond: Math.round(durationsMs.length / ((performance.now() - startedMs) / 1000)),
    p50Milliseconds: tenths(percentile(durationsMs, 0.5)),
    p99Milliseconds: tenths(percentile(durationsMs, 0.99)),
  };
};

const send = (load: HttpLoad, index: number, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    const body = load.body?.(index);
    const headers = {
      ...load.headers,
      ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
    };
    const url = load.url(index);
    const sent = request(url, { method: load.method, agent, headers }, (response: IncomingMessage) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === load.status) resolve();
        else
          reject(
            new Error(`${load.method} ${url} was answered ${response.statusCode}: ${text.slice(0, 300)}`),
          );
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
