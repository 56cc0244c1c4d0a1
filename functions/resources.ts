import type {
  BucketName,
  ScheduleGroupName,
  StreamName,
  TableName,
  WorkflowName,
} from "../lib/runtime/definition.ts";
import type { TableResource } from "../lib/runtime/table-resource.ts";

export const TABLES: Readonly<Record<TableName, TableResource>> = {
  devices: { partitionKey: { name: "deviceId", type: "S" } },
  tracks: { partitionKey: { name: "trackId", type: "S" }, sortKey: { name: "segmentKey", type: "S" } },
  recordings: { partitionKey: { name: "recordingId", type: "S" }, timeToLive: "expiresAtSeconds" },
  replays: { partitionKey: { name: "replayId", type: "S" }, timeToLive: "expiresAtSeconds" },
  tasks: { partitionKey: { name: "taskId", type: "S" }, timeToLive: "expiresAtSeconds" },
  keys: { partitionKey: { name: "keyId", type: "S" }, timeToLive: "expiresAtSeconds" },
  /** By the id in a link: whoever has one has nothing else. The item says whose it is. */
  shares: { partitionKey: { name: "shareId", type: "S" }, timeToLive: "expiresAtSeconds" },
  /** How much tenants may have. */
  tenants: { partitionKey: { name: "tenant", type: "S" } },
  /** What tenants have asked for, by minutes. */
  usage: {
    partitionKey: { name: "tenant", type: "S" },
    sortKey: { name: "minute", type: "N" },
    timeToLive: "expiresAtSeconds",
  },
  quarantine: {
    partitionKey: { name: "recordId", type: "S" },
    sortKey: { name: "part", type: "N" },
    timeToLive: "expiresAtSeconds",
  },
  /** What exists, in partitions that can be read page by page, so that no request scans a table. */
  listings: {
    partitionKey: { name: "listing", type: "S" },
    sortKey: { name: "entry", type: "S" },
    timeToLive: "expiresAtSeconds",
  },
  /** Who holds what until when: places within limits, idempotency keys, devices that are being erased. */
  claims: {
    partitionKey: { name: "purpose", type: "S" },
    sortKey: { name: "claim", type: "S" },
    timeToLive: "expiresAtSeconds",
  },
};

export interface StreamResource {
  /** The least that Kinesis keeps, at no extra cost; `-c retentionHours=` keeps more. */
  readonly retentionHours: number;
  readonly localShards: number;
}

export const STREAMS: Readonly<Record<StreamName, StreamResource>> = {
  positions: { retentionHours: 24, localShards: 2 },
};

/** Each is workflows/<name>.asl.json with `${<FunctionName>FunctionArn}` placeholders. */
export const WORKFLOWS: readonly WorkflowName[] = [
  "replay",
  "average-speed",
  "import-recording",
  "erase-device",
];

export const SCHEDULE_GROUPS: readonly ScheduleGroupName[] = ["replays"];

export const BUCKETS: readonly BucketName[] = ["recordings"];
