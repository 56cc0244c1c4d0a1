import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import type { TableResource } from "../../lib/resources/table-resource.ts";

/** What CreateSchedule and UpdateSchedule decide of a schedule, as it travels: dates are seconds since 1970. */
export interface ScheduleSettings {
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly StartDate?: number;
  readonly EndDate?: number;
  readonly State?: "ENABLED" | "DISABLED";
  readonly ActionAfterCompletion?: "NONE" | "DELETE";
  readonly FlexibleTimeWindow: { readonly Mode: string };
  readonly Description?: string;
  readonly KmsKeyArn?: string;
  readonly Target: ScheduleTarget;
}

export interface ScheduleTarget {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RetryPolicy?: {
    readonly MaximumEventAgeInSeconds?: number;
    readonly MaximumRetryAttempts?: number;
  };
}

/** All that is kept of a schedule. */
export interface ScheduleRecord {
  readonly groupName: string;
  readonly name: string;
  readonly settings: ScheduleSettings;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** The run that comes next, or that is being delivered; absent when there is none any more. */
  readonly dueMs?: number;
}

/** Keeps schedules across restarts. One process uses it at a time. */
export interface ScheduleStore {
  load(): Promise<readonly ScheduleRecord[]>;
  save(record: ScheduleRecord): Promise<void>;
  remove(record: ScheduleRecord): Promise<void>;
}

/** The table that schedules are kept in: one item each. */
export const SCHEDULE_TABLE: TableResource = {
  partitionKey: { name: "groupName", type: "S" },
  sortKey: { name: "name", type: "S" },
};

/** Schedules in a DynamoDB table with the keys of SCHEDULE_TABLE. */
export const dynamodbScheduleStore = (client: DynamoDBClient, tableName: string): ScheduleStore => ({
  async load() {
    const records: ScheduleRecord[] = [];
    const scan = { TableName: tableName, ConsistentRead: true };
    for await (const { Items = [] } of paginateScan({ client }, scan)) {
      for (const { record } of Items) records.push(JSON.parse(record?.S ?? "") as ScheduleRecord);
    }
    return records;
  },

  async save(record) {
    const item = { ...keyOf(record), record: { S: JSON.stringify(record) } };
    await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
  },

  async remove(record) {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: keyOf(record) }));
  },
});

const keyOf = ({ groupName, name }: ScheduleRecord) => ({ groupName: { S: groupName }, name: { S: name } });
