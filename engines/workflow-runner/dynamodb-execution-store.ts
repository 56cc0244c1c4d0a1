import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  type QueryCommandInput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { TableResource } from "../../lib/resources/table-resource.ts";
import { isGranted } from "../is-granted.ts";
import type {
  ExecutionRecord,
  ExecutionStatus,
  ExecutionStore,
  ExecutionSummary,
} from "./execution-store.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** The table that executions are kept in: one item each, and one for each announcement. */
export const EXECUTION_TABLE: TableResource = {
  partitionKey: { name: "kind", type: "S" },
  sortKey: { name: "executionArn", type: "S" },
};

type Kind = "execution" | "announcement";
type Item = Record<string, AttributeValue>;

const keyOf = (kind: Kind, executionArn: string): Item => ({
  kind: { S: kind },
  executionArn: { S: executionArn },
});

/** `status`, `name` and `token` are words of DynamoDB's own. */
const STATUS = { "#status": "status" };
/** What a list reads, so that the records themselves are neither sent nor unpacked. */
const SUMMARY = {
  ProjectionExpression: "executionArn, stateMachineArn, #name, #status, startedMs, stoppedMs",
  ExpressionAttributeNames: { ...STATUS, "#name": "name" },
};
const RUNNING = "#status = :running";
const UNDER_TOKEN = {
  ConditionExpression: `${RUNNING} AND #token <= :token`,
  ExpressionAttributeNames: { ...STATUS, "#token": "token" },
};
const tokenValues = (token: number): Item => ({
  ":running": { S: "RUNNING" },
  ":token": { N: String(token) },
});

/**
 * Executions in a DynamoDB table with the keys of EXECUTION_TABLE. A record is kept compressed, since input,
 * reached state and output may be 256 KB each and an item is at most 400 KB; one that is larger even so is
 * refused by the table.
 */
export const dynamodbExecutionStore = (client: DynamoDBClient, tableName: string): ExecutionStore => {
  /** False when the condition does not hold. */
  const put = async (
    record: ExecutionRecord,
    token: number,
    condition: Partial<PutItemCommand["input"]>,
  ): Promise<boolean> => {
    const Item = {
      ...keyOf("execution", record.executionArn),
      ...summaryItem(record),
      token: { N: String(token) },
      record: { B: await compress(JSON.stringify(record)) },
    };
    return isGranted(client.send(new PutItemCommand({ TableName: tableName, Item, ...condition })));
  };

  const itemsOf = async (kind: Kind, projection: Partial<QueryCommandInput> = {}): Promise<Item[]> => {
    const all: Item[] = [];
    const query = {
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: "kind = :kind",
      ExpressionAttributeValues: { ":kind": { S: kind } },
      ...projection,
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) all.push(...Items);
    return all;
  };

  const remove = async (kind: Kind, executionArn: string): Promise<void> => {
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: keyOf(kind, executionArn) }));
  };

  return {
    create: (record, token) =>
      put(record, token, { ConditionExpression: "attribute_not_exists(executionArn)" }),

    async get(executionArn) {
      const Key = keyOf("execution", executionArn);
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }),
      );
      return Item && recordIn(Item);
    },

    list: async () => (await itemsOf("execution", SUMMARY)).map(summaryOfItem),

    async claim(executionArn, token) {
      const claiming = client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: keyOf("execution", executionArn),
          UpdateExpression: "SET #token = :token",
          ExpressionAttributeValues: tokenValues(token),
          ReturnValues: "ALL_NEW",
          ...UNDER_TOKEN,
        }),
      );
      if (!(await isGranted(claiming))) return undefined;
      const { Attributes = {} } = await claiming;
      return recordIn(Attributes);
    },

    save: (record, token) =>
      put(record, token, { ...UNDER_TOKEN, ExpressionAttributeValues: tokenValues(token) }),

    end: async (record) =>
      put(record, 0, {
        ConditionExpression: RUNNING,
        ExpressionAttributeNames: STATUS,
        ExpressionAttributeValues: { ":running": { S: "RUNNING" } },
      }),

    remove: (executionArn) => remove("execution", executionArn),

    async announce(executionArn) {
      const Item = keyOf("announcement", executionArn);
      await client.send(new PutItemCommand({ TableName: tableName, Item }));
    },

    async takeAnnounced() {
      const announced = (await itemsOf("announcement")).map((item) => text(item, "executionArn"));
      // Gone before anybody looks at the execution: what is announced from here on is told again.
      await Promise.all(announced.map((arn) => remove("announcement", arn)));
      return announced;
    },
  };
};

const text = (item: Item, attribute: string): string => {
  const value = item[attribute]?.S;
  if (value === undefined) throw new TypeError(`an item of the executions' table has no ${attribute}`);
  return value;
};

const summaryItem = ({ stateMachineArn, name, status, startedMs, stoppedMs }: ExecutionSummary): Item => ({
  stateMachineArn: { S: stateMachineArn },
  name: { S: name },
  status: { S: status },
  startedMs: { N: String(startedMs) },
  ...(stoppedMs !== undefined && { stoppedMs: { N: String(stoppedMs) } }),
});

const summaryOfItem = (item: Item): ExecutionSummary => ({
  executionArn: text(item, "executionArn"),
  stateMachineArn: text(item, "stateMachineArn"),
  name: text(item, "name"),
  status: text(item, "status") as ExecutionStatus,
  startedMs: Number(item.startedMs?.N),
  ...(item.stoppedMs?.N !== undefined && { stoppedMs: Number(item.stoppedMs.N) }),
});

const recordIn = async ({ record }: Item): Promise<ExecutionRecord> => {
  if (record?.B === undefined) throw new TypeError("an item of the executions' table has no record");
  return JSON.parse((await decompress(record.B)).toString());
};
