import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expireItems } from "../infra/store/embedded/expire-items.ts";
import type { TableName } from "../lib/resources/table.ts";
import { TABLES } from "../lib/resources/table.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";

let local: LocalDynamodb;
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(() => local.close());

test("finding 16: the local stack deletes exactly the expired items, in every table", async () => {
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
  expect(await expireItems(local.client, 1_000_000, (table) => names.get(table) ?? "")).toBe(mortal.length);
  for (const [table, TableName] of names) {
    const { Items = [] } = await local.client.send(new ScanCommand({ TableName }));
    const ids = Items.map((item) => item[TABLES[table].partitionKey.name].S);
    expect(ids.toSorted(), table).toEqual(["everlasting", "young"]);
  }
});
