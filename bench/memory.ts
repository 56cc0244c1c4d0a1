import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localClientSettings } from "../infra/engine/clients.ts";
import { streamName } from "../infra/engine/names.ts";
import type { StackAddress } from "../infra/local/stack/stack-file.ts";
import { apiAt } from "../infra/local/start/api.ts";
import { kinesisClient } from "../lib/adapters/kinesis/client.ts";
import { kinesisPositionStream } from "../lib/adapters/kinesis/position-stream.ts";
import { sleep } from "../lib/adapters/sleep.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { growthPerMinute, lowPoints, type MemorySample } from "./memory-growth.ts";
import { processTreeBytes } from "./process-tree-memory.ts";
import type { BenchTable } from "./report.ts";
import { positionCounts } from "./stack-api.ts";
import { addressOf, startStackProcess, stopStackProcess } from "./stack-process.ts";
import { positionOf } from "./sustained-load.ts";

export interface MemoryOptions {
  readonly minutes?: number;
  /** One position a second each. */
  readonly devices?: number;
  /** How many read records the stream keeps: few, so it is full soon. */
  readonly keepReadMegabytes?: number;
}

/** As the stream counts them (infra/local/kinesis/record-store.ts). */
const BYTES_PER_RECORD = 1_500;
/**
 * By then the stream's window is full, and the heaps are as large as the engine lets them grow before a
 * sweep.
 */
const WARM_UP_SECONDS = 45;
const LOW_POINT_SECONDS = 15;
/** A tenth of what the positions bring is not a leak of positions: heaps and caches vary by that much. */
const FLAT_PART = 0.1;

/**
 * The local stack as people start it, without a data folder, fed one record per position for the given time.
 * Shows its processes' memory, and whether it still grows when the window of read records is full. Raises an
 * error when a position is lost on the way.
 */
export const memoryBench = async ({
  minutes = 2,
  devices = 480,
  keepReadMegabytes = 8,
}: MemoryOptions = {}): Promise<BenchTable> => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-memory-"));
  const stack = startStackProcess(join(folder, "stack.json"), ["--keep-read", String(keepReadMegabytes)]);
  try {
    const address = await addressOf(join(folder, "stack.json"), stack);
    const samples: MemorySample[] = [];
    const sent = await load(address, { devices, seconds: Math.round(minutes * 60) }, async (seconds) => {
      samples.push({ seconds, bytes: await processTreeBytes(stack.pid ?? 0) });
    });
    await settle(address, sent);
    return tableOf(samples, { minutes, devices, keepReadMegabytes });
  } finally {
    await stopStackProcess(stack);
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Every device once a second, at its own moment within it, like phones; returns the number of positions. */
const load = async (
  address: StackAddress,
  { devices, seconds }: { readonly devices: number; readonly seconds: number },
  eachSecond: (seconds: number) => Promise<void>,
): Promise<number> => {
  const client = kinesisClient(localClientSettings(address.kinesisEndpoint, address.credentials));
  const stream = kinesisPositionStream(client, streamName("positions"))(DEFAULT_TENANT);
  const deviceIds = Array.from({ length: devices }, (_, index) => `phone-${index}`);
  const startMs = Date.now();
  const before = performance.now();
  try {
    for (let tick = 0; tick < seconds; tick++) {
      for (let part = 0; part < PARTS; part++) {
        const dueMs = (tick + part / PARTS) * 1000;
        const ahead = before + dueMs - performance.now();
        if (ahead > 0) await sleep(ahead);
        const timestampMs = Math.round(startMs + dueMs);
        const records = deviceIds.flatMap((deviceId, index) =>
          index % PARTS === part ? positionOf(deviceId, index, tick, timestampMs) : [],
        );
        await stream.publish(records);
      }
      await eachSecond((performance.now() - before) / 1000);
    }
  } finally {
    client.destroy();
  }
  return devices * seconds;
};

const PARTS = 10;
const SETTLING_SECONDS = 60;

const settle = async ({ apiUrl }: StackAddress, expected: number): Promise<void> => {
  for (let waited = 0; ; waited++) {
    const counts = [...(await positionCounts(apiAt(apiUrl))).values()];
    const found = counts.reduce((sum, count) => sum + count, 0);
    if (found === expected) return;
    if (found > expected || waited > SETTLING_SECONDS)
      throw new Error(`${expected} positions were sent, the API counts ${found}`);
    await sleep(1000);
  }
};

const megabytes = (bytes: number): number => Math.round(bytes / 1024 ** 2);

const tableOf = (
  samples: readonly MemorySample[],
  { minutes, devices, keepReadMegabytes }: Required<MemoryOptions>,
): BenchTable => {
  const fullSeconds = WARM_UP_SECONDS + (keepReadMegabytes * 1024 ** 2) / (devices * BYTES_PER_RECORD);
  const full = samples.filter(({ seconds }) => seconds >= fullSeconds);
  const growth = growthPerMinute(lowPoints(full, LOW_POINT_SECONDS));
  const arriving = (devices * 60 * BYTES_PER_RECORD) / 1024 ** 2;
  const isKnown = full.length >= 2 * LOW_POINT_SECONDS;
  const tenth = Math.round(growth * 10) / 10;
  const verdict = growth <= arriving * FLAT_PART ? "flat" : "not flat";
  return {
    name: `memory: ${devices} positions a second for ${minutes} minutes, without a data folder`,
    columns: ["minute", "least MB", "mean MB", "most MB"],
    rows: [...Map.groupBy(samples, ({ seconds }) => Math.floor(seconds / 60))].map(([minute, together]) => {
      const sizes = together.map(({ bytes }) => bytes);
      const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
      return [minute + 1, megabytes(Math.min(...sizes)), megabytes(mean), megabytes(Math.max(...sizes))];
    }),
    notes: [
      isKnown
        ? `${verdict} from second ${Math.round(fullSeconds)} on: ${tenth} MB a minute, of ${Math.round(arriving)} MB that arrive`
        : `too short to say whether it is flat: the window is full after ${Math.round(fullSeconds)} s`,
      `resident memory of all the stack's processes; the stream keeps ${keepReadMegabytes} MB of read records (npm start: 64)`,
      "every position was counted at the end",
    ],
  };
};
