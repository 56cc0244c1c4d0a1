import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import { CHECKPOINT_TABLE } from "../../engines/event-source/dynamodb-checkpoint-store.ts";
import { LEASE_TABLE } from "../../engines/lease/dynamodb-lease-store.ts";
import { SCHEDULE_TABLE } from "../../engines/scheduler/dynamodb-schedule-store.ts";
import { EXECUTION_TABLE } from "../../engines/workflow-runner/dynamodb-execution-store.ts";
import { TABLES } from "../../lib/resources/table.ts";
import type { TableResource } from "../../lib/resources/table-resource.ts";
import { createTable } from "./resources.ts";

/** The engines' own tables; no function reads them. */
export const ENGINE_TABLES = {
  "event-source-checkpoints": CHECKPOINT_TABLE,
  leases: LEASE_TABLE,
  executions: EXECUTION_TABLE,
  schedules: SCHEDULE_TABLE,
} as const satisfies Readonly<Record<string, TableResource>>;

export type EngineTableName = keyof typeof ENGINE_TABLES;

/** The prefix of every table's name where the store is not this stack's alone. */
export const TABLE_PREFIX = "backtrack-";

/** The physical name of one of the engines' tables. */
export const engineTableName = (table: EngineTableName, prefix = ""): string => `${prefix}${table}`;

/** Creates the engines' own tables unless they exist; resolves when they can be used. */
export const createEngineTables = async (dynamodb: DynamoDBClient, prefix = ""): Promise<void> => {
  await Promise.all(
    Object.entries(ENGINE_TABLES).map(([name, table]) => createTable(dynamodb, `${prefix}${name}`, table)),
  );
};

/** Every table of a stack, the functions' and the engines', by its physical name. */
export const everyTable = (prefix = TABLE_PREFIX): ReadonlyMap<string, TableResource> =>
  new Map(
    Object.entries({ ...TABLES, ...ENGINE_TABLES }).map(([name, table]): [string, TableResource] => [
      `${prefix}${name}`,
      table,
    ]),
  );

/** Creates every table of a stack unless it exists; resolves when they can be used. */
export const createEveryTable = async (dynamodb: DynamoDBClient, prefix = TABLE_PREFIX): Promise<void> => {
  await Promise.all([...everyTable(prefix)].map(([name, table]) => createTable(dynamodb, name, table)));
};

/** The physical names of the tables that are missing, ascending. */
export const missingTables = async (dynamodb: DynamoDBClient, prefix = TABLE_PREFIX): Promise<string[]> => {
  const found = await Promise.all(
    [...everyTable(prefix).keys()].map(async (name) => {
      try {
        await dynamodb.send(new DescribeTableCommand({ TableName: name }));
        return [];
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return [name];
        throw error;
      }
    }),
  );
  return found.flat().sort();
};
