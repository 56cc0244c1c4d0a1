import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamoApiKeyStore } from "../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClaims } from "../lib/adapters/dynamodb/claims.ts";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoRecordingStore } from "../lib/adapters/dynamodb/recording-store.ts";
import { dynamoRepairStore } from "../lib/adapters/dynamodb/repair-store.ts";
import { dynamoReplayStore } from "../lib/adapters/dynamodb/replay-store.ts";
import { dynamoRequestCounter } from "../lib/adapters/dynamodb/request-counter.ts";
import { dynamoShareLinks, dynamoShareStore } from "../lib/adapters/dynamodb/share-store.ts";
import { dynamoTaskStore } from "../lib/adapters/dynamodb/task-store.ts";
import { dynamoTenantLimitStore } from "../lib/adapters/dynamodb/tenant-limit-store.ts";
import { dynamoTrackStore } from "../lib/adapters/dynamodb/track-store.ts";
import { tenantKey } from "../lib/adapters/tenant-key.ts";
import { MisconfiguredError } from "../lib/core/errors.ts";
import { newRepair } from "../lib/core/repair/repair.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { deviceTrack } from "../lib/core/track/track-store.ts";
import { TABLES } from "../lib/resources/table.ts";
import { apiKeyStoreContract } from "./contracts/api-key-store.contract.ts";
import { claimsContract } from "./contracts/claims.contract.ts";
import { deviceStoreContract } from "./contracts/device-store.contract.ts";
import { quarantineStoreContract } from "./contracts/quarantine-store.contract.ts";
import { recordingStoreContract } from "./contracts/recording-store.contract.ts";
import { repairStoreContract } from "./contracts/repair-store.contract.ts";
import { replayStoreContract } from "./contracts/replay-store.contract.ts";
import { shareStoreContract } from "./contracts/share-store.contract.ts";
import { taskStoreContract } from "./contracts/task-store.contract.ts";
import { requestCounterContract, tenantLimitStoreContract } from "./contracts/tenant-limits.contract.ts";
import { trackStoreContract } from "./contracts/track-store.contract.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";

const namesOf = <Name extends string>(record: Readonly<Record<Name, unknown>>) =>
  Object.keys(record) as Name[];

let local: LocalDynamodb;
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(() => local.close());

/** A client that calls somebody before it puts anything into a table. */
const calledBefore = (tableName: string, beforePut: () => void): DynamoDBClient => {
  const client: Pick<DynamoDBClient, "send"> = {
    send: async (command: unknown) => {
      if (command instanceof PutItemCommand && command.input.TableName === tableName) beforePut();
      return local.client.send(command as PutItemCommand);
    },
  };
  return client as DynamoDBClient;
};

claimsContract("dynamoClaims", async () => dynamoClaims(local.client, await local.makeTable("claims")));
deviceStoreContract("dynamoDeviceStore", async (beforePut) => {
  const devices = await local.makeTable("devices");
  return dynamoDeviceStore(
    beforePut ? calledBefore(devices, beforePut) : local.client,
    devices,
    await local.makeTable("listings"),
  );
});
trackStoreContract("dynamoTrackStore", async () =>
  dynamoTrackStore(local.client, await local.makeTable("tracks")),
);
recordingStoreContract("dynamoRecordingStore", async () =>
  dynamoRecordingStore(local.client, await local.makeTable("recordings"), {
    listingsTableName: await local.makeTable("listings"),
  }),
);
repairStoreContract("dynamoRepairStore", async () =>
  dynamoRepairStore(local.client, await local.makeTable("tracks")),
);
replayStoreContract("dynamoReplayStore", async (options) =>
  dynamoReplayStore(local.client, await local.makeTable("replays"), {
    listingsTableName: await local.makeTable("listings"),
    ...options,
  }),
);
taskStoreContract("dynamoTaskStore", async () =>
  dynamoTaskStore(local.client, await local.makeTable("tasks"), await local.makeTable("listings")),
);
tenantLimitStoreContract("dynamoTenantLimitStore", async () =>
  dynamoTenantLimitStore(local.client, await local.makeTable("tenants")),
);
requestCounterContract("dynamoRequestCounter", async () =>
  dynamoRequestCounter(local.client, await local.makeTable("usage")),
);
shareStoreContract("dynamoShareStore", async () => {
  const table = await local.makeTable("shares");
  return {
    shares: dynamoShareStore(local.client, table, { listingsTableName: await local.makeTable("listings") }),
    links: dynamoShareLinks(local.client, table),
  };
});
apiKeyStoreContract("dynamoApiKeyStore", async () =>
  dynamoApiKeyStore(local.client, await local.makeTable("keys")),
);
quarantineStoreContract("dynamoQuarantineStore", async (options) =>
  dynamoQuarantineStore(local.client, await local.makeTable("quarantine"), {
    listingsTableName: await local.makeTable("listings"),
    ...options,
  }),
);

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
