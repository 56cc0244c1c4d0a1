import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import type { TableResource } from "../../lib/runtime/table-resource.ts";
import type { ExecutionRecord, ExecutionStore } from "./execution-store.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** The table that executions are kept in: one item each. */
export const EXECUTION_TABLE: TableResource = { partitionKey: { name: "executionArn", type: "S" } };

/**
 * Executions in a DynamoDB table with the keys of EXECUTION_TABLE. A record is kept compressed, since input, position and output may be
 * 256 KB each and an item is at most 400 KB; one that is larger even so is refused by the table.
 */
export const dynamodbExecutionStore = (client: DynamoDBClient, tableName: string): ExecutionStore => ({
  async load() {
    const records: ExecutionRecord[] = [];
    for await (const { Items = [] } of paginateScan(
      { client },
      { TableName: tableName, ConsistentRead: true },
    )) {
      for (const { record } of Items) {
        const text = (await decompress(record?.B ?? new Uint8Array())).toString();
        records.push(JSON.parse(text) as ExecutionRecord);
      }
    }
    return records;
  },

  async save(record) {
    const item = {
      executionArn: { S: record.executionArn },
      status: { S: record.status },
      record: { B: await compress(JSON.stringify(record)) },
    };
    await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
  },

  async remove(executionArn) {
    const key = { executionArn: { S: executionArn } };
    await client.send(new DeleteItemCommand({ TableName: tableName, Key: key }));
  },
});
