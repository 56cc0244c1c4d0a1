import { afterAll, beforeAll } from "vitest";
import { dynamodbScheduleStore, SCHEDULE_TABLE } from "../engines/scheduler/dynamodb-schedule-store.ts";
import {
  dynamodbExecutionStore,
  EXECUTION_TABLE,
} from "../engines/workflow-runner/dynamodb-execution-store.ts";
import { createTable } from "../infra/engine/resources.ts";
import type { TableResource } from "../lib/resources/table-resource.ts";
import { executionStoreContract } from "./contracts/execution-store.contract.ts";
import { scheduleStoreContract } from "./contracts/schedule-store.contract.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";

/* What the engines keep in tables of their own. */

let local: LocalDynamodb;
let tables = 0;
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(() => local.close());

const makeTable = async (resource: TableResource): Promise<string> => {
  const tableName = `engine-${++tables}`;
  await createTable(local.client, tableName, resource);
  return tableName;
};

executionStoreContract("dynamodbExecutionStore", async () =>
  dynamodbExecutionStore(local.client, await makeTable(EXECUTION_TABLE)),
);

scheduleStoreContract("dynamodbScheduleStore", async () =>
  dynamodbScheduleStore(local.client, await makeTable(SCHEDULE_TABLE)),
);
