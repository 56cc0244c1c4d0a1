import { startStack } from "../infra/local/stack/stack.ts";
import { openJetStream } from "../lib/adapters/jetstream/connection.ts";
import { jetStreamPositionStream } from "../lib/adapters/jetstream/position-stream.ts";
import { sleep } from "../lib/adapters/sleep.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { type Client, clientOf } from "../test/api-client.ts";
import { WITHOUT_NATS } from "../test/nats-server.ts";
import { type SelfHosted, startSelfHosted } from "../test/openfaas/self-hosted.ts";
import { type HttpLoad, type HttpLoadResult, measureHttp } from "./http-load.ts";
import type { BenchTable } from "./report.ts";
import { positionCounts } from "./stack-api.ts";
import { positionOf } from "./sustained-load.ts";

export interface OpenfaasOptions {
  /** Of each load. */
  readonly seconds?: number;
  /** Put on the stream at once, one position each. */
  readonly records?: number;
}

const CLIENTS = 8;
const DEVICES = 100;
const WARM_UP_SECONDS = 3;
const SETTLING_SECONDS = 300;

const NAME = "Self-hosted, beside npm start";
const COLUMNS = ["measure", "npm start", "self-hosted"];

interface Home {
  readonly readyMilliseconds: number;
  readonly getDevice: HttpLoadResult;
  readonly acceptPositions: HttpLoadResult;
}

/**
 * A self-hosted Backtrack of real processes beside the stack of `npm start`, one after the other: how soon
 * each is ready, what its API takes, and how fast the self-hosted one tracks what is on the stream. Raises an
 * error when a request is refused, or when a record is lost or doubled.
 */
export const openfaasBench = async ({
  seconds = 10,
  records = 10_000,
}: OpenfaasOptions = {}): Promise<BenchTable> => {
  if (WITHOUT_NATS !== undefined) {
    return { name: NAME, columns: COLUMNS, rows: [], notes: [`skipped: ${WITHOUT_NATS}`] };
  }
  const local = await measureLocal(seconds);
  const hosted = await startSelfHosted();
  try {
    const selfHosted = await measureHome(hosted.readyMilliseconds, hosted.apiUrl, seconds, hosted.key);
    const recordsPerSecond = await measureTracking(hosted, records);
    return {
      name: NAME,
      columns: COLUMNS,
      rows: [
        ["ready after, ms", Math.round(local.readyMilliseconds), Math.round(selfHosted.readyMilliseconds)],
        ...rowsOf("get-device", local.getDevice, selfHosted.getDevice),
        ...rowsOf("accept-positions", local.acceptPositions, selfHosted.acceptPositions),
        ["records per second from stream to state", "", recordsPerSecond],
      ],
      notes: [
        `${CLIENTS} clients, each one request after the other, for ${seconds} s after ${WARM_UP_SECONDS} s that don't count; one position per request.`,
        "npm start runs one process behind serverless-offline, without keys. Self-hosted: nats-server, the embedded store, an engine and a process for each group, behind a gateway, with keys.",
        `${records} records of ${DEVICES} devices, one position each, put on the stream while the engine reads it; none was lost or doubled.`,
        "Clients and all processes share the machine.",
      ],
    };
  } finally {
    await hosted.stop();
  }
};

const rowsOf = (name: string, local: HttpLoadResult, selfHosted: HttpLoadResult): BenchTable["rows"] => [
  [`${name}, requests per second`, local.requestsPerSecond, selfHosted.requestsPerSecond],
  [`${name}, p50 ms`, local.p50Milliseconds, selfHosted.p50Milliseconds],
  [`${name}, p99 ms`, local.p99Milliseconds, selfHosted.p99Milliseconds],
];

const measureLocal = async (seconds: number): Promise<Home> => {
  const beforeMs = performance.now();
  const stack = await startStack({ say: () => {} });
  const readyMilliseconds = performance.now() - beforeMs;
  try {
    return await measureHome(readyMilliseconds, stack.address.apiUrl, seconds);
  } finally {
    await stack.stop();
  }
};

const measureHome = async (
  readyMilliseconds: number,
  apiUrl: string,
  seconds: number,
  key?: string,
): Promise<Home> => {
  const client = clientOf(apiUrl, key);
  const headers = {
    "content-type": "application/json",
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  };
  const startMs = Date.now() - 3_600_000;
  const accept: HttpLoad = {
    method: "POST",
    url: (index) => client.url(`/devices/bench-${index % DEVICES}/positions`),
    headers,
    body: (index) =>
      JSON.stringify({
        timestamp: startMs + index,
        latitude: 45 + index * 1e-6,
        longitude: 13,
        speed_meters_per_second: 15.7,
      }),
    status: 202,
  };
  const get: HttpLoad = {
    method: "GET",
    url: (index) => client.url(`/devices/bench-${index % DEVICES}`),
    headers,
    status: 200,
  };
  await measureHttp(accept, { seconds: WARM_UP_SECONDS, clients: CLIENTS });
  const acceptPositions = await measureHttp(accept, { seconds, clients: CLIENTS });
  await untilHeard(client);
  await measureHttp(get, { seconds: WARM_UP_SECONDS, clients: CLIENTS });
  const getDevice = await measureHttp(get, { seconds, clients: CLIENTS });
  return { readyMilliseconds, getDevice, acceptPositions };
};

/** Every device has a state, so each read is answered alike. */
const untilHeard = async (client: Client): Promise<void> => {
  const giveUpAt = performance.now() + SETTLING_SECONDS * 1000;
  for (let index = 0; index < DEVICES; ) {
    const { status } = await client.call("GET", `/devices/bench-${index}`);
    if (status === 200) index++;
    else if (performance.now() > giveUpAt) throw new Error(`bench-${index} was never heard: ${status}`);
    else await sleep(50);
  }
};

/** Records per second, from the first on the stream until the API counts them all. */
const measureTracking = async ({ nats, apiUrl, key }: SelfHosted, records: number): Promise<number> => {
  const client = clientOf(apiUrl, key);
  const jetstream = openJetStream(nats.address());
  const stream = jetStreamPositionStream(jetstream)(DEFAULT_TENANT);
  const api = { get: client.get };
  const rounds = Math.ceil(records / DEVICES);
  const startMs = Date.now() - 24 * 3_600_000;
  const beforeMs = performance.now();
  try {
    for (let round = 0; round < rounds; round++) {
      await stream.publish(
        Array.from({ length: DEVICES }, (_, index) =>
          positionOf(`tracked-${index}`, index, round, startMs + round * 1_000),
        ),
      );
    }
  } finally {
    await jetstream.close();
  }
  for (;;) {
    const counts = [...(await positionCounts(api))].filter(([deviceId]) => deviceId.startsWith("tracked-"));
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    const seconds = (performance.now() - beforeMs) / 1000;
    if (total === rounds * DEVICES) return Math.round(total / seconds);
    if (total > rounds * DEVICES || seconds > SETTLING_SECONDS) {
      throw new Error(`${rounds * DEVICES} records were sent, the API counts ${total}`);
    }
    await sleep(100);
  }
};
