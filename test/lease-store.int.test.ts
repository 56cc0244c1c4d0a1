import { afterAll, beforeAll } from "vitest";
import { dynamodbLeaseStore, LEASE_TABLE } from "../engines/lease/dynamodb-lease-store.ts";
import { createTable } from "../infra/engine/resources.ts";
import { leaseStoreContract } from "./contracts/lease-store.contract.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";

let local: LocalDynamodb;
let tables = 0;
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(() => local.close());

leaseStoreContract("dynamodbLeaseStore", async () => {
  const tableName = `leases-${++tables}`;
  await createTable(local.client, tableName, LEASE_TABLE);
  return dynamodbLeaseStore(local.client, tableName);
});
