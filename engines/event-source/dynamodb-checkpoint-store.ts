import { type DynamoDBClient, PutItemCommand, paginateQuery } from "@aws-sdk/client-dynamodb";
import type { TableResource } from "../../lib/resources/table-resource.ts";
import { isGranted } from "../is-granted.ts";
import { type Checkpoint, type CheckpointStore, fenced } from "./checkpoint-store.ts";

/** The table that event sources keep their place in: one item per function, stream and partition. */
export const CHECKPOINT_TABLE: TableResource = {
  partitionKey: { name: "eventSource", type: "S" },
  sortKey: { name: "partitionId", type: "S" },
};

export interface CheckpointTable {
  readonly tableName: string;
  readonly functionName: string;
  readonly streamArn: string;
}

/** Checkpoints of one function on one stream in a DynamoDB table with the keys of CHECKPOINT_TABLE. */
export const dynamodbCheckpointStore = (
  client: DynamoDBClient,
  { tableName, functionName, streamArn }: CheckpointTable,
): CheckpointStore => {
  const eventSource = { S: `${functionName} ${streamArn}` };
  return {
    async load() {
      const checkpoints = new Map<string, Checkpoint>();
      const pages = paginateQuery(
        { client },
        {
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: "eventSource = :eventSource",
          ExpressionAttributeValues: { ":eventSource": eventSource },
        },
      );
      for await (const { Items = [] } of pages) {
        for (const { partitionId, streamCreatedAtMs, sequenceNumber, finished } of Items) {
          checkpoints.set(partitionId?.S ?? "", {
            streamCreatedAtMs: Number(streamCreatedAtMs?.N),
            ...(sequenceNumber?.S !== undefined && { sequenceNumber: sequenceNumber.S }),
            finished: finished?.BOOL ?? false,
          });
        }
      }
      return checkpoints;
    },

    async save(partitionId, { streamCreatedAtMs, sequenceNumber, finished }, token) {
      const command = new PutItemCommand({
        TableName: tableName,
        Item: {
          eventSource,
          partitionId: { S: partitionId },
          leaseToken: { N: String(token) },
          streamCreatedAtMs: { N: String(streamCreatedAtMs) },
          finished: { BOOL: finished },
          ...(sequenceNumber !== undefined && { sequenceNumber: { S: sequenceNumber } }),
        },
        ConditionExpression: "attribute_not_exists(leaseToken) OR leaseToken <= :token",
        ExpressionAttributeValues: { ":token": { N: String(token) } },
      });
      if (!(await isGranted(client.send(command)))) throw fenced(partitionId, token);
    },
  };
};
