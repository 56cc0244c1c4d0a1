import { type DynamoDBClient, PutItemCommand, paginateQuery } from "@aws-sdk/client-dynamodb";
import type { TableResource } from "../../lib/resources/table-resource.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";

/** The table that pollers keep their place in: one item per poller and shard. */
export const CHECKPOINT_TABLE: TableResource = {
  partitionKey: { name: "poller", type: "S" },
  sortKey: { name: "shardId", type: "S" },
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
  const poller = { S: `${functionName} ${streamArn}` };
  return {
    async load() {
      const checkpoints = new Map<string, Checkpoint>();
      const pages = paginateQuery(
        { client },
        {
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: "poller = :poller",
          ExpressionAttributeValues: { ":poller": poller },
        },
      );
      for await (const { Items = [] } of pages) {
        for (const { shardId, streamCreatedAtMs, sequenceNumber, finished } of Items) {
          checkpoints.set(shardId?.S ?? "", {
            // 0 is no stream's: what was saved before the creation time was kept begins anew.
            streamCreatedAtMs: Number(streamCreatedAtMs?.N ?? 0),
            sequenceNumber: sequenceNumber?.S,
            finished: finished?.BOOL ?? false,
          });
        }
      }
      return checkpoints;
    },

    async save(shardId, { streamCreatedAtMs, sequenceNumber, finished }) {
      await client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: {
            poller,
            shardId: { S: shardId },
            streamCreatedAtMs: { N: String(streamCreatedAtMs) },
            finished: { BOOL: finished },
            ...(sequenceNumber === undefined ? {} : { sequenceNumber: { S: sequenceNumber } }),
          },
        }),
      );
    },
  };
};
