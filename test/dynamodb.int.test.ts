import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamoQuarantineStore } from "../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoRepairStore } from "../lib/adapters/dynamodb/repair-store.ts";
import { dynamoReplayStore } from "../lib/adapters/dynamodb/replay-store.ts";
import { dynamoTaskStore } from "../lib/adapters/dynamodb/task-store.ts";
import { dynamoTrackStore } from "../lib/adapters/dynamodb/track-store.ts";
import { tenantKey } from "../lib/adapters/tenant-key.ts";
import { MisconfiguredError } from "../lib/core/errors.ts";
import { newRepair } from "../lib/core/repair/repair.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { deviceTrack } from "../lib/core/track/track-store.ts";
import { TABLES } from "../lib/resources/table.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";
import { functionStoreContracts } from "./store/store-contracts.ts";

const namesOf = <Name extends string>(record: Readonly<Record<Name, unknown>>) =>
  Object.keys(record) as Name[];

let local: LocalDynamodb;
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(() => local.close());

functionStoreContracts(() => local);

describe("the DynamoDB adapters", () => {
  it("finding 6: erase a repair with its track, and never read it as part of the track", async () => {
    const TableName = await local.makeTable("tracks");
    const tracks = dynamoTrackStore(local.client, TableName)(DEFAULT_TENANT);
    const repairs = dynamoRepairStore(local.client, TableName)(DEFAULT_TENANT);
    const saved = await repairs.save(newRepair("car-1"));
    await repairs.save(newRepair("car-2"));
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    for await (const segment of tracks.segments(deviceTrack("car-1"), range)) expect(segment).toBeUndefined();
    expect(await repairs.get("car-1")).toEqual(saved);
    await tracks.remove(deviceTrack("car-1"));
    expect(await repairs.get("car-1")).toBeUndefined();
    expect(await repairs.get("car-2")).toBeDefined();
  });

  it("write a large quarantined record again after a crash in the middle", async () => {
    const TableName = await local.makeTable("quarantine");
    const listingsTableName = await local.makeTable("listings");
    const now = () => 1_795_176_000_000;
    const store = dynamoQuarantineStore(local.client, TableName, { listingsTableName, now })(DEFAULT_TENANT);
    const record = {
      recordId: "shard-0:1",
      stream: "positions",
      partitionKey: "van-7",
      arrivedAtMs: 1_795_176_000_000,
      reason: "unreadable",
      problems: [],
      data: new Uint8Array(1024 * 1024).fill(7),
    };
    // What a put leaves behind when it ends after its first part.
    const Item = {
      recordId: { S: tenantKey(DEFAULT_TENANT, record.recordId) },
      part: { N: "1" },
      data: { B: record.data.subarray(0, 350 * 1024) },
    };
    await local.client.send(new PutItemCommand({ TableName, Item }));
    expect(await store.get(record.recordId)).toBeUndefined();
    expect(await store.list({ limit: 10 })).toEqual({ items: [] });

    await store.put(record);
    const found = await store.get(record.recordId);
    expect(found && Buffer.compare(found.data, record.data)).toBe(0);
  });

  it("give the tasks table the attribute that its time to live uses", async () => {
    const TableName = await local.makeTable("tasks");
    await dynamoTaskStore(
      local.client,
      TableName,
      await local.makeTable("listings"),
    )(DEFAULT_TENANT).create({
      taskId: "t1",
      kind: "average-speed",
      status: "REQUESTED",
      deviceId: "van-7",
      windowSeconds: 10,
      requestedAtMs: 1_795_176_000_000,
      fromTimestampMs: 1_795_176_000_000,
      expiresAtSeconds: 1_795_179_600,
    });
    const stored = await local.client.send(
      new GetItemCommand({ TableName, Key: { taskId: { S: tenantKey(DEFAULT_TENANT, "t1") } } }),
    );
    expect(stored.Item?.expiresAtSeconds).toEqual({ N: "1795179600" });
  });

  it("say what is wrong when a table does not exist", async () => {
    const store = dynamoReplayStore(local.client, "nowhere")(DEFAULT_TENANT);
    await expect(store.get("p1")).rejects.toBeInstanceOf(MisconfiguredError);
    await expect(store.get("p1")).rejects.toThrow(/^read replay p1: /);
  });
});

describe("finding 22: grants on a table", () => {
  /** Sent by this file and the contracts to see what was stored, not by an adapter. */
  const SENT_BY_TESTS = new Set(["CreateTable", "DescribeTable", "DeleteTable"]);
  /** `npm run keys` has its user's rights. */
  const BY_OPERATORS: ReadonlySet<string> = new Set([
    "keys PutItem",
    "keys DeleteItem",
    "keys Query",
    "keys Scan",
    "tenants PutItem",
  ]);

  const READS = new Set(["BatchGetItem", "GetItem", "Query", "Scan"]);
  const isRead = (action: string): boolean => READS.has(action);

  it.each(namesOf(TABLES))(
    "%s: its grants are exactly the actions that its adapters were seen to send",
    (table) => {
      const sent = [...(local.sent.get(table) ?? [])].filter(
        (action) => !SENT_BY_TESTS.has(action) && !BY_OPERATORS.has(`${table} ${action}`),
      );
      expect({
        read: sent.filter(isRead).toSorted(),
        write: sent.filter((action) => !isRead(action)).toSorted(),
      }).toEqual({ read: TABLES[table].read, write: TABLES[table].write });
    },
  );
});
