import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Position } from "../lib/core/position/position.ts";

/** The tables of the design to compare with, in the notation of functions/resources.ts. */
export const BASELINE_TABLES = {
  positions: {
    partitionKey: { name: "deviceId", type: "S" },
    sortKey: { name: "timestampMs", type: "N" },
  },
  latest: { partitionKey: { name: "deviceId", type: "S" } },
} as const;

/** A record of the baseline's stream: one position, as JSON. */
export interface BaselineRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

export const baselineRecord = (deviceId: string, position: Position): BaselineRecord => ({
  partitionKey: deviceId,
  data: new TextEncoder().encode(JSON.stringify({ deviceId, ...position })),
});

/**
 * What most position stores of functions and tables do: each record is one position, which becomes an item of the history and, if it
 * is the newest, the device's latest state.
 */
export const trackOnePerItem = async (
  client: DynamoDBClient,
  records: readonly BaselineRecord[],
): Promise<void> => {
  const decoder = new TextDecoder();
  await Promise.all(
    records.map(async ({ data }) => {
      const item = marshall(JSON.parse(decoder.decode(data)));
      await client.send(new PutItemCommand({ TableName: "positions", Item: item }));
      await client.send(
        new PutItemCommand({
          TableName: "latest",
          Item: item,
          ConditionExpression: "attribute_not_exists(deviceId) OR timestampMs < :newer",
          ExpressionAttributeValues: { ":newer": item.timestampMs },
        }),
      );
    }),
  );
};
