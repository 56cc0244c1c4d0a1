import { localClientSettings } from "../infra/engine/clients.ts";
import { createTable } from "../infra/engine/resources.ts";
import { startDynamodb } from "../infra/store/embedded/server.ts";
import { dynamoClient } from "../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoTrackStore } from "../lib/adapters/dynamodb/track-store.ts";
import { memoryDeviceStore } from "../lib/adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../lib/adapters/memory/quarantine-store.ts";
import { memoryStreamIdentity } from "../lib/adapters/memory/stream-identity.ts";
import { memoryTrackStore } from "../lib/adapters/memory/track-store.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import { type TrackedRecord, type TrackingPorts, trackRecords } from "../lib/core/device/track-records.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { TABLES } from "../lib/resources/table.ts";
import { meterClient } from "./metered-client.ts";
import type { BenchTable } from "./report.ts";

const POSITIONS = 40_000;
const BATCH = 500;
const FIRST_MS = Date.UTC(2026, 10, 20);
const DEVICE_ID = "phone";

const record = (number: number, timestampMs: number): TrackedRecord => {
  const sequenceNumber = String(10n ** 55n + BigInt(number));
  const angle = number / 500;
  return {
    stream: "arn:aws:kinesis:us-east-1:123456789012:stream/positions",
    sequenceNumber,
    recordId: `shardId-000000000000:${sequenceNumber}`,
    partitionKey: DEVICE_ID,
    arrivedAtMs: FIRST_MS + POSITIONS * 1000 + number,
    data: new TextEncoder().encode(
      JSON.stringify({
        timestamp: timestampMs,
        latitude: 46 + Math.sin(angle) / 10,
        longitude: 14 + Math.cos(angle) / 10,
        accuracyMeters: 5 + (number % 4),
      }),
    ),
  };
};

/** In time order; or behind a position a day newer and enough others to seal a tail, so that all are late. */
const recordsOf = (isLate: boolean): TrackedRecord[] => {
  const ahead = isLate ? 600 : 0;
  const first = Array.from({ length: ahead }, (_, index) =>
    record(index, FIRST_MS + POSITIONS * 1000 - (ahead - index) * 10),
  );
  const rest = Array.from({ length: POSITIONS }, (_, index) => record(ahead + index, FIRST_MS + index * 970));
  return [...first, ...rest];
};

const run = async (ports: TrackingPorts, isLate: boolean): Promise<number> => {
  const records = recordsOf(isLate);
  const before = process.threadCpuUsage();
  for (let from = 0; from < records.length; from += BATCH) {
    const { failures } = await trackRecords(ports, records.slice(from, from + BATCH));
    if (failures.length > 0) throw failures[0].error;
  }
  const { user, system } = process.threadCpuUsage(before);
  const count = (await ports.devices.load([DEVICE_ID])).get(DEVICE_ID)?.positionCount;
  if (count !== records.length) throw new Error(`${count} positions of ${records.length}`);
  return (user + system) / 1e6;
};

/** A phone's backlog, one position a record, compared with the same positions in time. */
export const lateBench = async (): Promise<BenchTable> => {
  const server = await startDynamodb();
  try {
    const rows: (string | number)[][] = [];
    for (const isLate of [false, true]) {
      const client = dynamoClient(
        localClientSettings(server.endpoint, { accessKeyId: "bench", secretAccessKey: "bench" }),
      );
      const [devices, tracks, quarantine, listings] = (
        ["devices", "tracks", "quarantine", "listings"] as const
      ).map((table) => `${isLate}-${table}`);
      await createTable(client, devices, TABLES.devices);
      await createTable(client, tracks, TABLES.tracks);
      await createTable(client, quarantine, TABLES.quarantine);
      await createTable(client, listings, TABLES.listings);
      const others = { streams: memoryStreamIdentity(), compression: zstd };
      const consumption = meterClient(client);
      await run(
        {
          ...others,
          devices: dynamoDeviceStore(client, devices, listings)(DEFAULT_TENANT),
          tracks: dynamoTrackStore(client, tracks)(DEFAULT_TENANT),
          quarantine: dynamoQuarantineStore(client, quarantine)(DEFAULT_TENANT),
        },
        isLate,
      );
      const { requests, writeUnits, readUnits } = { ...consumption };
      client.destroy();
      const cpuSeconds = await run(
        {
          ...others,
          devices: memoryDeviceStore(),
          tracks: memoryTrackStore(),
          quarantine: memoryQuarantineStore(),
        },
        isLate,
      );
      rows.push([
        isLate ? "late" : "in time",
        requests,
        writeUnits,
        readUnits,
        Math.round(cpuSeconds * 100) / 100,
      ]);
    }
    return {
      name: "Late positions",
      columns: ["order", "requests", "write units", "read units", "CPU seconds, stores in memory"],
      rows,
      notes: [`${POSITIONS} positions of one device, one a record, ${BATCH} records a batch.`],
    };
  } finally {
    await server.close();
  }
};
