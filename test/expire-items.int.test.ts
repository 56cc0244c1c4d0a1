import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dynamoExpiredItems } from "../lib/adapters/dynamodb/expired-items.ts";
import { sweepAll } from "../lib/core/expiry/sweep.ts";
import { TABLES, type TableName } from "../lib/resources/table.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";

let local: LocalDynamodb;
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(() => local.close());

test("finding 16: exactly the expired items are deleted, in every table", async () => {
  const names = new Map<TableName, string>();
  const mortal = (Object.keys(TABLES) as TableName[]).filter((table) => TABLES[table].timeToLive);
  expect(mortal).toEqual(expect.arrayContaining(["replays", "tasks", "quarantine", "listings", "claims"]));
  for (const table of mortal) {
    const TableName = await local.makeTable(table);
    names.set(table, TableName);
    const { partitionKey, sortKey } = TABLES[table];
    for (const [id, expires] of [
      ["old", 1_000],
      ["young", 1_001],
      ["everlasting", undefined],
    ] as const) {
      const sort = sortKey && { [sortKey.name]: sortKey.type === "N" ? { N: "0" } : { S: id } };
      const Item = {
        [partitionKey.name]: { S: id },
        ...sort,
        ...(expires !== undefined && { expiresAtSeconds: { N: String(expires) } }),
      };
      await local.client.send(new PutItemCommand({ TableName, Item }));
    }
  }
  const tables = [...names].map(([table, tableName]) => ({ ...TABLES[table], tableName }));
  // One without a time to live stays whole, also when it is among them.
  const TableName = await local.makeTable("devices");
  await local.client.send(
    new PutItemCommand({ TableName, Item: { deviceId: { S: "a" }, expiresAtSeconds: { N: "1" } } }),
  );
  const items = dynamoExpiredItems(local.client, [{ ...TABLES.devices, tableName: TableName }, ...tables]);
  expect(await sweepAll(items, 1_000_000)).toBe(mortal.length);
  for (const [table, TableName] of names) {
    const { Items = [] } = await local.client.send(new ScanCommand({ TableName }));
    const ids = Items.map((item) => item[TABLES[table].partitionKey.name].S);
    expect(ids.toSorted(), table).toEqual(["everlasting", "young"]);
  }
  expect((await local.client.send(new ScanCommand({ TableName }))).Count).toBe(1);
});

test("a sweep of many pages goes on where it was, and a place that is gone begins again", async () => {
  const tableName = await local.makeTable("tasks");
  const put = (id: string) =>
    local.client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: { taskId: { S: id }, expiresAtSeconds: { N: "1" }, filling: { S: "x".repeat(300_000) } },
      }),
    );
  for (let id = 0; id < 10; id++) await put(`task-${id}`);
  const items = dynamoExpiredItems(local.client, [{ ...TABLES.tasks, tableName }]);
  const first = await items.sweepPage(undefined, 2_000);
  expect(first.deletedCount).toBeGreaterThan(0);
  expect(first.deletedCount).toBeLessThan(10);
  expect(first.next).toContain(tableName);
  expect(first.deletedCount + (await sweepFrom(items, first.next))).toBe(10);
  await put("late");
  expect(await sweepFrom(items, JSON.stringify({ tableName: "gone" }))).toBe(1);
});

const sweepFrom = async (
  items: ReturnType<typeof dynamoExpiredItems>,
  from: string | undefined,
): Promise<number> => {
  let place = from;
  let deletedCount = 0;
  do {
    const page = await items.sweepPage(place, 2_000);
    deletedCount += page.deletedCount;
    place = page.next;
  } while (place !== undefined);
  return deletedCount;
};
