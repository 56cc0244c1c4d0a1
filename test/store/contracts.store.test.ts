import { randomUUID } from "node:crypto";
import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll } from "vitest";
import { createTable } from "../../infra/engine/resources.ts";
import { openStore } from "../../infra/store/address.ts";
import { STORED_TABLES, type StoredTableName } from "../../infra/store/tables.ts";
import { engineStoreContracts, functionStoreContracts } from "./store-contracts.ts";

/* Run by `npm run test:store -- URL`, which says where the store is. */

const { STORE_URL = "http://127.0.0.1:8000", STORE_TEST_PREFIX = "" } = process.env;
const store = openStore({ store: STORE_URL, tablePrefix: STORE_TEST_PREFIX });
const made: string[] = [];

afterAll(async () => {
  for (const TableName of made)
    await store.client.send(new DeleteTableCommand({ TableName })).catch(() => {});
  store.close();
});

const tables = {
  client: store.client,
  async makeTable(table: StoredTableName) {
    const tableName = `${STORE_TEST_PREFIX}${table}-${randomUUID().slice(0, 8)}`;
    made.push(tableName);
    await createTable(store.client, tableName, STORED_TABLES[table]);
    return tableName;
  },
};

functionStoreContracts(() => tables);
engineStoreContracts(() => tables);
