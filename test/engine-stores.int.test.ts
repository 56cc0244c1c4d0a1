import { afterAll, beforeAll } from "vitest";
import { createTable } from "../infra/engine/resources.ts";
import { STORED_TABLES, type StoredTableName } from "../infra/store/tables.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";
import { engineStoreContracts } from "./store/store-contracts.ts";

/* What the engines keep in tables of their own. */

let local: LocalDynamodb;
let tables = 0;
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(() => local.close());

const makeTable = async (table: StoredTableName): Promise<string> => {
  const tableName = `engine-${++tables}`;
  await createTable(local.client, tableName, STORED_TABLES[table]);
  return tableName;
};

engineStoreContracts(() => ({ client: local.client, makeTable }));
