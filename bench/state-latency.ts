import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localClientSettings } from "../infra/engine/clients.ts";
import { streamName, tableName } from "../infra/engine/names.ts";
import { TABLE_PREFIX } from "../infra/engine/tables.ts";
import { dynamoClient } from "../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { openJetStream } from "../lib/adapters/jetstream/connection.ts";
import { jetStreamPositionStream } from "../lib/adapters/jetstream/position-stream.ts";
import { kinesisClient } from "../lib/adapters/kinesis/client.ts";
import { kinesisPositionStream } from "../lib/adapters/kinesis/position-stream.ts";
import { sleep } from "../lib/adapters/sleep.ts";
import type { DeviceStore } from "../lib/core/device/device-store.ts";
import type { OutgoingRecord, PositionStream } from "../lib/core/stream/position-stream.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { WITHOUT_NATS } from "../test/nats-server.ts";
import { startSelfHosted } from "../test/openfaas/self-hosted.ts";
import { percentile, tenths } from "./percentile.ts";
import { ownCpuMs, processTreeCpuMs } from "./process-tree-cpu.ts";
import type { BenchTable } from "./report.ts";
import { addressOf, startStackProcess, stopStackProcess } from "./stack-process.ts";
import { positionOf } from "./sustained-load.ts";

/** A Backtrack under load, wherever it runs. */
export interface MeasuredHome {
  readonly name: string;
  readonly apiUrl: string;
  /** Of the API; without one it asks for none. */
  readonly key?: string;
  readonly devices: DeviceStore;
  readonly stream: PositionStream;
  /** Processor time of its processes up to now. */
  cpuMs(): number;
}

export interface LatencyLoad {
  readonly devices: number;
  /** Of all devices together. */
  readonly positionsPerSecond: number;
  /** Each in a request of its own to the API; else all that are due go straight onto the stream. */
  readonly isOverHttp: boolean;
  readonly seconds: number;
  /** One position of so many is followed into the state. */
  readonly followOneOf: number;
}

const LOADS: readonly LatencyLoad[] = [
  { devices: 50, positionsPerSecond: 50, isOverHttp: true, seconds: 20, followOneOf: 11 },
  { devices: 100, positionsPerSecond: 1_000, isOverHttp: false, seconds: 20, followOneOf: 97 },
];
const IDLE_SECONDS = 15;
/**
 * How often a followed position's state is looked at: what the measured latency is too large by, at most.
 * Looking costs the embedded store a millisecond of processor time, so more often would measure the looking.
 */
const LOOK_MILLISECONDS = 12;
const LATE_MILLISECONDS = 20_000;

export interface LatencyOptions {
  readonly loads?: readonly LatencyLoad[];
  readonly idleSeconds?: number;
}

/**
 * How long after its acceptance a position is in its device's state: in `npm start` as people start it and,
 * where nats-server is on PATH, self-hosted.
 */
export const stateLatencyBench = async (options: LatencyOptions = {}): Promise<BenchTable> => {
  const table = await measureLocal(options);
  if (WITHOUT_NATS !== undefined) return { ...table, notes: [...(table.notes ?? []), WITHOUT_NATS] };
  return { ...table, further: [await measureSelfHosted(options)] };
};

const measureSelfHosted = async (options: LatencyOptions): Promise<BenchTable> => {
  const hosted = await startSelfHosted();
  const jetstream = openJetStream(hosted.nats.address());
  try {
    const { apiUrl, key, dynamodb } = hosted;
    const name = (table: "devices" | "listings"): string => `${TABLE_PREFIX}${table}`;
    const home: MeasuredHome = {
      name: "self-hosted: an engine, NATS, the embedded store and a process for each group",
      apiUrl,
      key,
      devices: dynamoDeviceStore(dynamodb, name("devices"), name("listings"))(DEFAULT_TENANT),
      stream: jetStreamPositionStream(jetstream)(DEFAULT_TENANT),
      cpuMs: () => processTreeCpuMs(process.pid) - ownCpuMs(process.pid),
    };
    return await measureLatency(home, options);
  } finally {
    await jetstream.close();
    await hosted.stop();
  }
};

const measureLocal = async (options: LatencyOptions): Promise<BenchTable> => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-latency-"));
  const stack = startStackProcess(join(folder, "stack.json"));
  try {
    const address = await addressOf(join(folder, "stack.json"), stack);
    const dynamodb = dynamoClient(localClientSettings(address.dynamodbEndpoint, address.credentials));
    const kinesis = kinesisClient(localClientSettings(address.kinesisEndpoint, address.credentials));
    try {
      const home: MeasuredHome = {
        name: "npm start",
        apiUrl: address.apiUrl,
        devices: dynamoDeviceStore(dynamodb, tableName("devices"), tableName("listings"))(DEFAULT_TENANT),
        stream: kinesisPositionStream(kinesis, streamName("positions"))(DEFAULT_TENANT),
        cpuMs: () => processTreeCpuMs(stack.pid ?? 0),
      };
      return await measureLatency(home, options);
    } finally {
      dynamodb.destroy();
      kinesis.destroy();
    }
  } finally {
    await stopStackProcess(stack);
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Measures one home. Raises an error when a followed position never appears, or a request is refused. */
export const measureLatency = async (
  home: MeasuredHome,
  { loads = LOADS, idleSeconds = IDLE_SECONDS }: LatencyOptions = {},
): Promise<BenchTable> => {
  await loadPositions(home, { ...LOADS[0], seconds: 2 }, "warm");
  const idleMs = await cpuPerSecond(home, () => sleep(idleSeconds * 1_000));
  const rows: (string | number)[][] = [["nothing", "", "", "", Math.round(idleMs)]];
  for (const [index, load] of loads.entries()) {
    let latenciesMs: readonly number[] = [];
    const prefix = `latency-${index}`;
    const startMs = performance.now();
    const cpu = await cpuPerSecond(home, async () => {
      latenciesMs = await loadPositions(home, load, prefix);
    });
    const sent = load.positionsPerSecond * load.seconds;
    const reached = sent / ((performance.now() - startMs) / 1_000);
    const states = await home.devices.load(deviceIdsOf(load, prefix));
    const writes = [...states.values()].reduce((sum, { version }) => sum + version, 0);
    rows.push([
      `${Math.round(reached)} positions/s of ${load.devices} devices`,
      tenths(percentile(latenciesMs, 0.5)),
      tenths(percentile(latenciesMs, 0.99)),
      tenths(sent / writes),
      Math.round(cpu),
    ]);
  }
  return {
    name: `From acceptance to state, ${home.name}`,
    columns: ["load", "p50 ms", "p99 ms", "positions per write", "CPU ms per s"],
    rows,
    notes: [
      "From acceptance until the table has the position. The slower load's positions are requests to the API.",
      "CPU of all processes but the one that sends and looks, which shares the machine.",
    ],
  };
};

const cpuPerSecond = async (home: MeasuredHome, work: () => Promise<unknown>): Promise<number> => {
  const [cpuMs, startMs] = [home.cpuMs(), performance.now()];
  await work();
  return ((home.cpuMs() - cpuMs) * 1_000) / (performance.now() - startMs);
};

const deviceIdsOf = ({ devices }: LatencyLoad, prefix: string): string[] =>
  Array.from({ length: devices }, (_, index) => `${prefix}-${index}`);

/**
 * Sends positions evenly, on an absolute schedule; resolves with the latencies when all followed are seen.
 */
const loadPositions = async (home: MeasuredHome, load: LatencyLoad, prefix: string): Promise<number[]> => {
  const { positionsPerSecond, seconds, followOneOf } = load;
  const deviceIds = deviceIdsOf(load, prefix);
  const send = load.isOverHttp ? sendToApi : sendToStream;
  const under: Promise<number[]>[] = [];
  const [startMs, before] = [Date.now(), performance.now()];
  for (let number = 0; number < positionsPerSecond * seconds; ) {
    await sleep(Math.max(1, before + (number * 1_000) / positionsPerSecond - performance.now()));
    const due: Sent[] = [];
    for (; (number * 1_000) / positionsPerSecond <= performance.now() - before; number++) {
      const timestampMs = Math.round(startMs + (number * 1_000) / positionsPerSecond);
      const deviceId = deviceIds[number % deviceIds.length];
      const record = positionOf(deviceId, number % deviceIds.length, number, timestampMs);
      due.push({ ...record, timestampMs });
    }
    const followed = due.filter(
      (_, index) => (number - due.length + index) % followOneOf === followOneOf - 1,
    );
    // A stream that takes longer gets more at once, and not more requests at a time.
    const accepted = send(home, due).then(() => performance.now());
    if (!load.isOverHttp) await accepted;
    const followAll = (acceptedMs: number) =>
      Promise.all(followed.map((each) => follow(home, each, acceptedMs)));
    under.push(accepted.then(followAll));
  }
  return (await Promise.all(under)).flat();
};

interface Sent extends OutgoingRecord {
  readonly timestampMs: number;
}

const sendToStream = async ({ stream }: MeasuredHome, sent: readonly Sent[]): Promise<void> => {
  await stream.publish(sent);
};

const sendToApi = async ({ apiUrl, key }: MeasuredHome, sent: readonly Sent[]): Promise<void> => {
  for (const { deviceId, data } of sent) {
    const response = await fetch(`${apiUrl}/devices/${deviceId}/positions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(key !== undefined && { "x-api-key": key }) },
      body: Buffer.from(data),
    });
    const answer = await response.text();
    if (response.status !== 202) throw new Error(`a position of ${deviceId}: ${response.status} ${answer}`);
  }
};

/** How long after its acceptance the state has a position. */
const follow = async (
  { devices }: MeasuredHome,
  { deviceId, timestampMs }: Sent,
  acceptedMs: number,
): Promise<number> => {
  for (;;) {
    const tail = (await devices.load([deviceId])).get(deviceId)?.tail;
    const waitedMs = performance.now() - acceptedMs;
    if (tail && tail.timestampsMs[tail.count - 1] >= timestampMs) return waitedMs;
    if (waitedMs > LATE_MILLISECONDS) throw new Error(`a position of ${deviceId} is not in its state`);
    await sleep(LOOK_MILLISECONDS);
  }
};
