import { ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dynamoClaims } from "../lib/adapters/dynamodb/claims.ts";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoReplayStore } from "../lib/adapters/dynamodb/replay-store.ts";
import { dynamoShareStore } from "../lib/adapters/dynamodb/share-store.ts";
import { dynamoTaskStore } from "../lib/adapters/dynamodb/task-store.ts";
import { dynamoTrackStore } from "../lib/adapters/dynamodb/track-store.ts";
import { requestErasure } from "../lib/core/erasure/request-erasure.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { erasureWorld, FIRST_MS } from "./erasure-world.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";

let local: LocalDynamodb;
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(() => local.close());

/** Every item of every table as text, binary as text too. */
const dump = async (): Promise<string> => {
  const { TableNames = [] } = await local.client.send(new ListTablesCommand({}));
  const tables = await Promise.all(
    TableNames.map(async (TableName) => {
      const { Items = [] } = await local.client.send(new ScanCommand({ TableName }));
      return Items.map((item) => unmarshall(item));
    }),
  );
  return JSON.stringify(tables, (_, value) =>
    value instanceof Uint8Array || value?.type === "Buffer"
      ? Buffer.from(value.data ?? value).toString("latin1")
      : value,
  );
};

test("finding 16: no table or listing holds anything of an erased device", async () => {
  const listingsTableName = await local.makeTable("listings");
  const now = () => FIRST_MS;
  const { ports, live, run } = erasureWorld({
    devices: dynamoDeviceStore(
      local.client,
      await local.makeTable("devices"),
      listingsTableName,
    )(DEFAULT_TENANT),
    tracks: dynamoTrackStore(local.client, await local.makeTable("tracks"))(DEFAULT_TENANT),
    quarantine: dynamoQuarantineStore(local.client, await local.makeTable("quarantine"), {
      listingsTableName,
      now,
    })(DEFAULT_TENANT),
    replays: dynamoReplayStore(local.client, await local.makeTable("replays"), { listingsTableName, now })(
      DEFAULT_TENANT,
    ),
    tasks: dynamoTaskStore(local.client, await local.makeTable("tasks"), listingsTableName)(DEFAULT_TENANT),
    shares: dynamoShareStore(local.client, await local.makeTable("shares"), { listingsTableName })(
      DEFAULT_TENANT,
    ),
    claims: dynamoClaims(local.client, await local.makeTable("claims"))(DEFAULT_TENANT),
  });
  await live("unforgettable-7");
  await live("neighbour");
  expect(await dump()).toContain("unforgettable-7");
  const { taskId } = await requestErasure(ports, "unforgettable-7");
  await run({ taskId, pass: 1 });
  const left = await dump();
  expect(left).not.toContain("unforgettable-7");
  expect(left).toContain("neighbour");
});
