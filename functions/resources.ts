import type {
  BucketName,
  ScheduleGroupName,
  StreamName,
  TableName,
  WorkflowName,
} from "../lib/runtime/definition.ts";

/** A table's keys, as data: what CDK, the local stack and the tests create. Everything else in an item is free. */
export interface TableResource {
  readonly partitionKey: { readonly name: string; readonly type: "S" | "N" };
  readonly sortKey?: { readonly name: string; readonly type: "S" | "N" };
  /** Attribute, seconds since 1970, after which the item may be deleted. */
  readonly timeToLive?: string;
}

export const TABLES: Readonly<Record<TableName, TableResource>> = {
  devices: { partitionKey: { name: "deviceId", type: "S" } },
  tracks: { partitionKey: { name: "trackId", type: "S" }, sortKey: { name: "segmentKey", type: "S" } },
  recordings: { partitionKey: { name: "recordingId", type: "S" } },
  replays: { partitionKey: { name: "replayId", type: "S" } },
  tasks: { partitionKey: { name: "taskId", type: "S" }, timeToLive: "expiresAtSeconds" },
  keys: { partitionKey: { name: "keyId", type: "S" }, timeToLive: "expiresAtSeconds" },
  quarantine: { partitionKey: { name: "recordId", type: "S" }, sortKey: { name: "part", type: "N" } },
};

export interface StreamResource {
  /** The least that Kinesis keeps, and what costs nothing extra; `-c retentionHours=` keeps more. */
  readonly retentionHours: number;
  readonly localShards: number;
}

export const STREAMS: Readonly<Record<StreamName, StreamResource>> = {
  positions: { retentionHours: 24, localShards: 2 },
};

/** Each is workflows/<name>.asl.json with `${<FunctionName>FunctionArn}` placeholders. */
export const WORKFLOWS: readonly WorkflowName[] = ["replay", "average-speed", "import-recording"];

export const SCHEDULE_GROUPS: readonly ScheduleGroupName[] = ["replays"];

export const BUCKETS: readonly BucketName[] = ["recordings"];
