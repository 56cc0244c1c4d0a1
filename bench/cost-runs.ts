import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TABLES, type TableResource } from "../functions/resources.ts";
import { createTable } from "../infra/local/resources.ts";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoTrackStore } from "../lib/adapters/dynamodb/track-store.ts";
import { memoryStreamIdentity } from "../lib/adapters/memory/stream-identity.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import { trackRecords } from "../lib/core/device/track-records.ts";
import { BASELINE_TABLES, baselineRecord, trackOnePerItem } from "./cost-baseline.ts";
import { batchesOf, type Fleet } from "./cost-workload.ts";
import { type Consumption, meterClient } from "./metered-client.ts";
import { PRICES } from "./prices.ts";

/** What some positions took, counted. */
export interface Run extends Consumption {
  readonly positions: number;
  /** Stream records by the started kilobyte, as the stream counts them. */
  readonly streamBytes: number;
  readonly invocations: number;
  /** Of the thread that handled the records: decoding, tracking, and the SDK's work. */
  readonly cpuSeconds: number;
}

/** The tracking application on its DynamoDB adapters; `prefix` keeps the tables of several runs apart. */
export const runTracking = async (
  client: DynamoDBClient,
  prefix: string,
  fleet: Fleet,
  positionsPerRecord: number,
): Promise<Run> => {
  const [devices, tracks, quarantine] = (["devices", "tracks", "quarantine"] as const).map(
    (table) => `${prefix}${table}`,
  );
  await createTable(client, devices, TABLES.devices);
  await createTable(client, tracks, TABLES.tracks);
  await createTable(client, quarantine, TABLES.quarantine);
  const ports = {
    devices: dynamoDeviceStore(client, devices),
    tracks: dynamoTrackStore(client, tracks),
    quarantine: dynamoQuarantineStore(client, quarantine),
    streams: memoryStreamIdentity(),
    compression: zstd,
  };
  const batches = [...batchesOf(fleet, positionsPerRecord)];
  return measure(client, fleet, batches, async (batch) => {
    const { failures, quarantinedRecordCount } = await trackRecords(ports, batch);
    if (failures.length > 0) throw failures[0].error;
    if (quarantinedRecordCount > 0) throw new Error(`${quarantinedRecordCount} records went to quarantine`);
  });
};

/** The design to compare with: one record and one item per position, and the device's state after each. */
export const runBaseline = async (client: DynamoDBClient, fleet: Fleet): Promise<Run> => {
  const tables: Readonly<Record<string, TableResource>> = BASELINE_TABLES;
  for (const [name, keys] of Object.entries(tables)) await createTable(client, name, keys);
  const longest = Math.max(...[...fleet.values()].map(({ length }) => length));
  const batches = Array.from({ length: longest }, (_, index) =>
    [...fleet].map(([deviceId, positions]) => baselineRecord(deviceId, positions[index])),
  );
  return measure(client, fleet, batches, (batch) => trackOnePerItem(client, batch));
};

interface StreamRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

const measure = async <Received extends StreamRecord>(
  client: DynamoDBClient,
  fleet: Fleet,
  batches: readonly (readonly Received[])[],
  handle: (batch: readonly Received[]) => Promise<void>,
): Promise<Run> => {
  const consumption = meterClient(client);
  const before = process.threadCpuUsage();
  for (const batch of batches) await handle(batch);
  const cpu = process.threadCpuUsage(before);
  return {
    ...consumption,
    positions: [...fleet.values()].reduce((sum, { length }) => sum + length, 0),
    streamBytes: batches.flat().reduce((sum, record) => sum + billedBytes(record), 0),
    invocations: batches.length,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  };
};

const billedBytes = ({ partitionKey, data }: StreamRecord): number => {
  const { recordIncrementBytes } = PRICES.kinesis;
  const bytes = data.length + Buffer.byteLength(partitionKey);
  return Math.ceil(bytes / recordIncrementBytes) * recordIncrementBytes;
};
