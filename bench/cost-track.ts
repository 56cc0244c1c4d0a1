import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import definition from "../functions/ingest/track-devices/definition.ts";
import { kinesisEvent } from "../hosts/lambda-events/kinesis-event.ts";
import { createTable } from "../infra/engine/resources.ts";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoTrackStore } from "../lib/adapters/dynamodb/track-store.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { LIMITS, limitVariable } from "../lib/resources/limit.ts";
import { TABLES, tableVariable } from "../lib/resources/table.ts";
import { lambdaContext } from "../test/http-event.ts";
import type { AcceptRun } from "./cost-accept.ts";
import type { Clients } from "./cost-servers.ts";
import { type LogCount, meterLog } from "./log-meter.ts";
import { type Consumption, meterClient } from "./metered-client.ts";

/** The measured cost of tracking. */
export interface TrackRun {
  readonly positions: number;
  readonly consumption: Consumption;
  readonly log: LogCount;
  /** What the tables hold at the end. */
  readonly storedBytes: number;
  /** Of the thread that handled the records: decoding, tracking, and the SDK's work. */
  readonly cpuSeconds: number;
}

/** Named as on AWS, so that the fence in a device's state has its usual length. */
const ORIGIN = {
  streamArn: "arn:aws:kinesis:us-east-1:123456789012:stream/positions",
  shardId: "shardId-000000000000",
};
/** As long as those of Kinesis. */
const FIRST_SEQUENCE_NUMBER = 49590338271490256608559692538361571095921575989136588898n;
const CREATED_AT_MS = Date.UTC(2026, 10, 1);

/** The deployed function, on its adapters. It gets what each window has gathered, in Lambda's shape. */
export const runTrack = async (
  { dynamodb }: Clients,
  { positions, seconds }: Pick<AcceptRun, "positions" | "seconds">,
  { name, windowSeconds }: { readonly name: string; readonly windowSeconds: number },
): Promise<TrackRun> => {
  const names = {
    devices: `${name}-devices`,
    tracks: `${name}-tracks`,
    quarantine: `${name}-quarantine`,
    listings: `${name}-listings`,
    claims: `${name}-claims`,
    tenants: `${name}-tenants`,
  };
  for (const table of ["devices", "tracks", "quarantine", "listings", "claims", "tenants"] as const) {
    await createTable(dynamodb, names[table], TABLES[table]);
    process.env[tableVariable(table)] = names[table];
  }
  process.env[limitVariable("quarantineKeptDays")] = String(LIMITS.quarantineKeptDays);
  Object.assign(process.env, definition.environment);
  const { createHandler } = await import("../functions/ingest/track-devices/handler.ts");
  const handler = createHandler(() => ({
    devices: dynamoDeviceStore(dynamodb, names.devices, names.listings)(DEFAULT_TENANT),
    tracks: dynamoTrackStore(dynamodb, names.tracks)(DEFAULT_TENANT),
    quarantine: dynamoQuarantineStore(dynamodb, names.quarantine, { listingsTableName: names.listings })(
      DEFAULT_TENANT,
    ),
    streams: { createdAtMs: async () => CREATED_AT_MS },
    compression: zstd,
  }));
  const consumption = meterClient(dynamodb);
  let sequenceNumber = FIRST_SEQUENCE_NUMBER;
  const before = process.threadCpuUsage();
  const { log } = await meterLog(async () => {
    for (let from = 0; from < seconds.length; from += windowSeconds) {
      const records = seconds.slice(from, from + windowSeconds).flatMap((second) =>
        second.records.map((record) => ({
          ...record,
          sequenceNumber: String(sequenceNumber++),
          arrivedAtMs: second.atMs,
        })),
      );
      if (records.length === 0) continue;
      const { batchItemFailures } = await handler(kinesisEvent(records, ORIGIN), lambdaContext());
      if (batchItemFailures.length > 0) throw new Error("a batch failed");
    }
  });
  const cpu = process.threadCpuUsage(before);
  const counted = { ...consumption };
  if ((await storedBytes(dynamodb, names.quarantine)) > 0) throw new Error("records went to quarantine");
  return {
    positions,
    consumption: counted,
    log,
    storedBytes: (await storedBytes(dynamodb, names.devices)) + (await storedBytes(dynamodb, names.tracks)),
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  };
};

/** About as DynamoDB counts: names and values, and 100 bytes for each item. */
const storedBytes = async (client: DynamoDBClient, tableName: string): Promise<number> => {
  let bytes = 0;
  let ExclusiveStartKey: Record<string, never> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: tableName, ExclusiveStartKey }));
    for (const item of page.Items ?? []) {
      bytes += 100;
      for (const [name, { S, N, B }] of Object.entries(item)) {
        bytes += name.length + (S?.length ?? N?.length ?? B?.length ?? 1);
      }
    }
    ExclusiveStartKey = page.LastEvaluatedKey as Record<string, never> | undefined;
  } while (ExclusiveStartKey);
  return bytes;
};
