import { localClientSettings } from "../infra/engine/clients.ts";
import { streamName, tableName } from "../infra/engine/names.ts";
import { startStack } from "../infra/local/stack/stack.ts";
import { type Api, apiAt } from "../infra/local/start/api.ts";
import { dynamoClient } from "../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { kinesisClient } from "../lib/adapters/kinesis/client.ts";
import { kinesisPositionStream } from "../lib/adapters/kinesis/position-stream.ts";
import { sleep } from "../lib/adapters/sleep.ts";
import type { DeviceStore } from "../lib/core/device/device-store.ts";
import type { OutgoingRecord, PositionStream } from "../lib/core/stream/position-stream.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { percentile, tenths } from "./percentile.ts";
import type { BenchTable } from "./report.ts";
import { positionCounts, trackTimestamps } from "./stack-api.ts";

export interface SustainedLoadOptions {
  readonly devices?: number;
  readonly positionsPerSecond?: number;
  readonly seconds?: number;
}

/** Devices whose state is watched, and how often: more would load the table server themselves. */
const PROBES = 5;
const PROBE_INTERVAL_MS = 40;
/** Everything must have arrived this long after the last position. */
const SETTLING_SECONDS = 120;

/**
 * Devices that each report several times a second, one record per position as real devices do, on the whole
 * local stack. Counts through the API what has arrived at the end, and measures the time from a position's
 * acceptance by the stream until the device's state shows it. Raises an error when anything is missing or
 * doubled.
 */
export const sustainedLoadBench = async ({
  devices = 200,
  positionsPerSecond = 10,
  seconds = 30,
}: SustainedLoadOptions = {}): Promise<BenchTable> => {
  const stack = await startStack();
  const api = apiAt(stack.address.apiUrl);
  const kinesis = kinesisClient(
    localClientSettings(stack.address.kinesisEndpoint, stack.address.credentials),
  );
  const dynamodb = dynamoClient(
    localClientSettings(stack.address.dynamodbEndpoint, stack.address.credentials),
  );
  try {
    const deviceIds = Array.from({ length: devices }, (_, index) => `load-${index}`);
    const probes = deviceIds.filter((_, index) => index % Math.ceil(devices / PROBES) === 0);
    const watch = new StateWatch(dynamoDeviceStore(dynamodb, tableName("devices"))(DEFAULT_TENANT), probes);
    const stream = kinesisPositionStream(kinesis, streamName("positions"))(DEFAULT_TENANT);

    const load = async (): Promise<{ sent: Sent; settledMs: number }> => {
      try {
        const sent = await sendPositions(stream, deviceIds, {
          ticks: seconds * positionsPerSecond,
          intervalMs: 1000 / positionsPerSecond,
          onAccepted: (timestampMs) => watch.accepted(timestampMs),
        });
        return { sent, settledMs: await settle(api, devices * sent.timestampsMs.length) };
      } finally {
        watch.end();
      }
    };
    const [{ sent, settledMs }] = await Promise.all([load(), watch.run()]);
    await checkTracks(api, deviceIds, sent.timestampsMs);

    const { latenciesMs } = watch;
    return {
      name: "Sustained load on the local stack",
      columns: ["measure", "value"],
      rows: [
        ["devices", devices],
        ["positions per second and device, requested", positionsPerSecond],
        [
          "positions per second in total, reached",
          Math.round((devices * sent.timestampsMs.length) / sent.seconds),
        ],
        ["positions accepted", devices * sent.timestampsMs.length],
        ["positions lost", 0],
        ["positions doubled", 0],
        ["accept to state, p50 ms", tenths(percentile(latenciesMs, 0.5))],
        ["accept to state, p99 ms", tenths(percentile(latenciesMs, 0.99))],
        ["until the API showed all of them, ms after the last", Math.round(settledMs)],
      ],
      notes: [
        "Load, stream, tables, pollers and functions share the machine.",
        `Latency of ${latenciesMs.length} positions of ${probes.length} devices, seen by reading their state every ${PROBE_INTERVAL_MS} ms.`,
      ],
    };
  } finally {
    kinesis.destroy();
    dynamodb.destroy();
    await stack.stop();
  }
};

interface Schedule {
  readonly ticks: number;
  readonly intervalMs: number;
  readonly onAccepted: (timestampMs: number) => void;
}

interface Sent {
  /** The same of every device. */
  readonly timestampsMs: readonly number[];
  readonly seconds: number;
}

/** One position of each device at each tick, on an absolute schedule; a late tick is sent at once. */
const sendPositions = async (
  stream: PositionStream,
  deviceIds: readonly string[],
  { ticks, intervalMs, onAccepted }: Schedule,
): Promise<Sent> => {
  const timestampsMs: number[] = [];
  const startMs = Date.now();
  const before = performance.now();
  for (let tick = 0; tick < ticks; tick++) {
    const ahead = before + tick * intervalMs - performance.now();
    if (ahead > 0) await sleep(ahead);
    const timestampMs = Math.round(startMs + tick * intervalMs);
    await stream.publish(deviceIds.map((deviceId, index) => positionOf(deviceId, index, tick, timestampMs)));
    onAccepted(timestampMs);
    timestampsMs.push(timestampMs);
  }
  return { timestampsMs, seconds: (performance.now() - before) / 1000 };
};

const encoder = new TextEncoder();

/** Every device drives east on a parallel of its own. */
export const positionOf = (
  deviceId: string,
  index: number,
  tick: number,
  timestampMs: number,
): OutgoingRecord => ({
  deviceId,
  data: encoder.encode(
    JSON.stringify({
      timestamp: new Date(timestampMs).toISOString(),
      latitude: 45 + index * 0.01,
      longitude: 13 + tick * 0.000_02,
      elevationMeters: 120 + (tick % 17) / 10,
      accuracyMeters: 3.2,
      bearingDegrees: 90,
      speedMetersPerSecond: 15.7,
    }),
  ),
});

/** Watches some devices' states until stopped, and records when each accepted position appears in them. */
class StateWatch {
  readonly latenciesMs: number[] = [];
  readonly #store: DeviceStore;
  readonly #pending: Map<string, { readonly timestampMs: number; readonly acceptedMs: number }[]>;
  #isOver = false;

  constructor(store: DeviceStore, deviceIds: readonly string[]) {
    this.#store = store;
    this.#pending = new Map(deviceIds.map((deviceId) => [deviceId, []]));
  }

  /** A position with this timestamp has been accepted for every device. */
  accepted(timestampMs: number): void {
    const acceptedMs = performance.now();
    for (const pending of this.#pending.values()) pending.push({ timestampMs, acceptedMs });
  }

  end(): void {
    this.#isOver = true;
  }

  async run(): Promise<void> {
    while (!this.#isOver) {
      const states = await this.#store.load([...this.#pending.keys()]);
      const seenMs = performance.now();
      for (const [deviceId, { tail }] of states) {
        const pending = this.#pending.get(deviceId) ?? [];
        const newestMs = tail.timestampsMs[tail.count - 1];
        while (pending.length > 0 && pending[0].timestampMs <= newestMs) {
          const position = pending.shift();
          if (position) this.latenciesMs.push(seenMs - position.acceptedMs);
        }
      }
      await sleep(PROBE_INTERVAL_MS);
    }
  }
}

/** Waits until the API counts all positions; returns how long that took. */
const settle = async (api: Api, expected: number): Promise<number> => {
  const before = performance.now();
  for (;;) {
    const counts = [...(await positionCounts(api)).values()];
    const total = counts.reduce((sum, count) => sum + count, 0);
    const waitedMs = performance.now() - before;
    if (total === expected) return waitedMs;
    if (total > expected || waitedMs > SETTLING_SECONDS * 1000) {
      throw new Error(`${expected} positions were accepted, the API counts ${total}`);
    }
    await sleep(200);
  }
};

/** Every device's track must hold exactly the sent timestamps. */
const checkTracks = async (
  api: Api,
  deviceIds: readonly string[],
  timestampsMs: readonly number[],
): Promise<void> => {
  const expected = timestampsMs.join();
  for (const deviceId of deviceIds) {
    const found = await trackTimestamps(api, deviceId);
    if (found.join() !== expected) {
      throw new Error(
        `${deviceId}: its track has ${found.length} positions, ${timestampsMs.length} were sent, or others`,
      );
    }
  }
};
