import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { LocalCredentials } from "../../../engines/server/access-key.ts";
import { dynamoExpiredItems } from "../../../lib/adapters/dynamodb/expired-items.ts";
import { sweepAll } from "../../../lib/core/expiry/sweep.ts";
import { TABLES, type TableName } from "../../../lib/resources/table.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { tableName } from "../../engine/names.ts";

/*
 * dynalite has no time to live. Readers treat what has expired as gone; without this it would stay, and a
 * stack that is left running would grow forever.
 */

const EVERY_MILLISECONDS = 10 * 60 * 1_000;

/** Deletes every item whose time to live has passed, every ten minutes until stopped. */
export const keepExpiringItems = (endpoint: string, credentials: LocalCredentials): { stop(): void } => {
  const tables = (Object.keys(TABLES) as TableName[]).map((name) => ({
    ...TABLES[name],
    tableName: tableName(name),
  }));
  const sweep = async (): Promise<void> => {
    const client = new DynamoDBClient(localClientSettings(endpoint, credentials));
    try {
      await sweepAll(dynamoExpiredItems(client, tables), Date.now());
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
