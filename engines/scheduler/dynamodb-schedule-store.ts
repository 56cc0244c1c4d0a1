import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import type { TableResource } from "../../lib/resources/table-resource.ts";
import { isGranted } from "../is-granted.ts";
import type { ScheduleRecord, ScheduleStore } from "./schedule-store.ts";

/** The table that schedules are kept in: one item each. */
export const SCHEDULE_TABLE: TableResource = {
  partitionKey: { name: "groupName", type: "S" },
  sortKey: { name: "name", type: "S" },
};

/** Schedules in a DynamoDB table with the keys of SCHEDULE_TABLE. */
export const dynamodbScheduleStore = (client: DynamoDBClient, tableName: string): ScheduleStore => ({
  async list() {
    const records: ScheduleRecord[] = [];
    const scan = { TableName: tableName, ConsistentRead: true };
    for await (const { Items = [] } of paginateScan({ client }, scan)) records.push(...Items.map(recordIn));
    return records;
  },

  async get(groupName, name) {
    const Key = keyOf({ groupName, name });
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }),
    );
    return Item && recordIn(Item);
  },

  save: (record, seen) =>
    isGranted(
      client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: {
            ...keyOf(record),
            revision: { S: record.revision },
            record: { S: JSON.stringify(record) },
          },
          ...(seen ? asSeen(seen) : { ConditionExpression: "attribute_not_exists(groupName)" }),
        }),
      ),
    ),

  remove: (seen) =>
    isGranted(
      client.send(new DeleteItemCommand({ TableName: tableName, Key: keyOf(seen), ...asSeen(seen) })),
    ),
});

const keyOf = ({ groupName, name }: Pick<ScheduleRecord, "groupName" | "name">) => ({
  groupName: { S: groupName },
  name: { S: name },
});

const asSeen = ({ revision }: ScheduleRecord) => ({
  ConditionExpression: "revision = :revision",
  ExpressionAttributeValues: { ":revision": { S: revision } },
});

const recordIn = ({ record }: Record<string, AttributeValue>): ScheduleRecord => {
  if (record?.S === undefined) throw new TypeError("an item of the schedules' table has no record");
  return JSON.parse(record.S);
};
