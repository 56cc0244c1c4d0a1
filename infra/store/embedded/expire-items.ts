import {
  DeleteItemCommand,
  DynamoDBClient,
  ScanCommand,
  type ScanCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { LocalCredentials } from "../../../engines/server/access-key.ts";
import type { TableName } from "../../../lib/resources/table.ts";
import { TABLES } from "../../../lib/resources/table.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { tableName } from "../../engine/names.ts";

/*
 * dynalite has no time to live. Readers treat what has expired as gone; without this it would stay, and a
 * stack that is left running would grow forever.
 */

const EVERY_MILLISECONDS = 10 * 60 * 1_000;

/** Deletes every item whose time to live has passed; returns how many. */
export const expireItems = async (
  client: DynamoDBClient,
  nowMs: number,
  nameOf: (table: TableName) => string = tableName,
): Promise<number> => {
  let count = 0;
  for (const [table, { partitionKey, sortKey, timeToLive }] of Object.entries(TABLES)) {
    if (timeToLive === undefined) continue;
    const keys = [partitionKey.name, ...(sortKey ? [sortKey.name] : [])];
    const TableName = nameOf(table as TableName);
    let ExclusiveStartKey: ScanKey;
    do {
      const page = await client.send(
        new ScanCommand({
          TableName,
          ProjectionExpression: keys.map((_, index) => `#k${index}`).join(", "),
          FilterExpression: "#expires <= :now",
          ExpressionAttributeNames: {
            "#expires": timeToLive,
            ...Object.fromEntries(keys.map((key, index) => [`#k${index}`, key])),
          },
          ExpressionAttributeValues: { ":now": { N: String(nowMs / 1000) } },
          ExclusiveStartKey,
        }),
      );
      for (const Key of page.Items ?? []) {
        await client
          .send(
            new DeleteItemCommand({
              TableName,
              Key,
              // It may have been rewritten since.
              ConditionExpression: "#expires <= :now",
              ExpressionAttributeNames: { "#expires": timeToLive },
              ExpressionAttributeValues: { ":now": { N: String(nowMs / 1000) } },
            }),
          )
          .then(
            () => count++,
            (error: Error) => {
              if (error.name !== "ConditionalCheckFailedException") throw error;
            },
          );
      }
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  }
  return count;
};

type ScanKey = ScanCommandInput["ExclusiveStartKey"];

/** Repeats it every ten minutes until stopped. */
export const keepExpiringItems = (endpoint: string, credentials: LocalCredentials): { stop(): void } => {
  const sweep = async (): Promise<void> => {
    const client = new DynamoDBClient(localClientSettings(endpoint, credentials));
    try {
      await expireItems(client, Date.now());
    } catch {
      // The server may be closing; the next sweep will tell.
    } finally {
      client.destroy();
    }
  };
  const timer = setInterval(sweep, EVERY_MILLISECONDS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
};
