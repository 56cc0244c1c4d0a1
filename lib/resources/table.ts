import { defineKind, screaming } from "./kind.ts";
import type { TableResource } from "./table-resource.ts";

/** A table's keys, and what the adapters send to it. */
export interface Table extends TableResource {
  /**
   * DynamoDB's names of the actions, and no others: test/dynamodb.int.test.ts records them while the adapters
   * pass their contracts, and fails for an action that is missing here or never sent.
   */
  readonly read: readonly string[];
  readonly write: readonly string[];
}

const DECLARED = {
  devices: {
    partitionKey: { name: "deviceId", type: "S" },
    read: ["BatchGetItem"],
    write: ["DeleteItem", "PutItem"],
  },
  tracks: {
    partitionKey: { name: "trackId", type: "S" },
    sortKey: { name: "segmentKey", type: "S" },
    read: ["GetItem", "Query"],
    write: ["BatchWriteItem", "PutItem"],
  },
  recordings: {
    partitionKey: { name: "recordingId", type: "S" },
    timeToLive: "expiresAtSeconds",
    read: ["BatchGetItem", "GetItem"],
    write: ["PutItem"],
  },
  replays: {
    partitionKey: { name: "replayId", type: "S" },
    timeToLive: "expiresAtSeconds",
    read: ["BatchGetItem", "GetItem"],
    write: ["DeleteItem", "PutItem"],
  },
  tasks: {
    partitionKey: { name: "taskId", type: "S" },
    timeToLive: "expiresAtSeconds",
    read: ["BatchGetItem", "GetItem"],
    write: ["DeleteItem", "PutItem", "UpdateItem"],
  },
  /**
   * Functions look up the key of a request. `npm run keys` lists and changes keys, with the permissions of
   * whoever runs it.
   */
  keys: {
    partitionKey: { name: "keyId", type: "S" },
    timeToLive: "expiresAtSeconds",
    read: ["GetItem"],
    write: [],
  },
  /** Keyed by the id in a link, which is all that its holder has. The item says whose it is. */
  shares: {
    partitionKey: { name: "shareId", type: "S" },
    timeToLive: "expiresAtSeconds",
    read: ["BatchGetItem", "GetItem"],
    write: ["DeleteItem", "PutItem"],
  },
  /** How much tenants may have. `npm run limits` changes it, with the permissions of whoever runs it. */
  tenants: { partitionKey: { name: "tenant", type: "S" }, read: ["BatchGetItem"], write: [] },
  /** How many requests tenants have made, by the minute. */
  usage: {
    partitionKey: { name: "tenant", type: "S" },
    sortKey: { name: "minute", type: "N" },
    timeToLive: "expiresAtSeconds",
    read: ["GetItem"],
    write: ["UpdateItem"],
  },
  quarantine: {
    partitionKey: { name: "recordId", type: "S" },
    sortKey: { name: "part", type: "N" },
    timeToLive: "expiresAtSeconds",
    read: ["BatchGetItem", "GetItem", "Query"],
    write: ["BatchWriteItem", "PutItem"],
  },
  /** What exists, in partitions that can be read page by page, so that no request scans a table. */
  listings: {
    partitionKey: { name: "listing", type: "S" },
    sortKey: { name: "entry", type: "S" },
    timeToLive: "expiresAtSeconds",
    read: ["BatchGetItem", "Query"],
    write: ["DeleteItem", "PutItem"],
  },
  /** Who holds what until when: places within limits, idempotency keys, devices that are being erased. */
  claims: {
    partitionKey: { name: "purpose", type: "S" },
    sortKey: { name: "claim", type: "S" },
    timeToLive: "expiresAtSeconds",
    read: ["GetItem", "Query"],
    write: ["DeleteItem", "PutItem"],
  },
} as const satisfies Readonly<Record<string, Table>>;

export type TableName = keyof typeof DECLARED;
export const TABLES: Readonly<Record<TableName, Table>> = DECLARED;
export type Access = "read" | "write" | "readWrite";

export interface UsesTables {
  /** Granted, and named to the function as `<NAME>_TABLE`. */
  readonly tables?: Readonly<Partial<Record<TableName, Access>>>;
}

export interface TableEnvironment<D extends UsesTables> {
  readonly table: (name: keyof NonNullable<D["tables"]>) => string;
}

/** `devices` -> `DEVICES_TABLE`. */
export const tableVariable = (table: TableName): string => `${screaming(table)}_TABLE`;

/** DynamoDB uses the table's key on behalf of the caller. */
const KEY_ACTIONS = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"];

const actionsOn = (table: TableName, access: Access): readonly string[] => {
  const { read, write } = TABLES[table];
  if (access === "readWrite") return [...read, ...write];
  return access === "read" ? read : write;
};

export const tableKind = defineKind({
  name: "table",
  uses: ({ tables = {} }: UsesTables) => Object.entries(tables) as [TableName, Access][],
  variables: (table) => ({ [tableVariable(table)]: "name" }),
  permissions: (table, access) => [
    { actions: actionsOn(table, access).map((action) => `dynamodb:${action}`), on: "arn" },
    { actions: KEY_ACTIONS, on: "key", optional: true },
  ],
  local: (table) => ({ name: table }),
  read: (variable): TableEnvironment<UsesTables> => ({ table: (name) => variable(tableVariable(name)) }),
});
