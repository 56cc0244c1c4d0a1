import { DescribeTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { sleep } from "../../lib/adapters/sleep.ts";
import { MisconfiguredError } from "../../lib/core/errors.ts";
import { failure } from "../command/failure.ts";
import type { Log } from "./log.ts";
import type { Positions } from "./positions.ts";
import type { EngineSettings } from "./settings.ts";
import { createEveryTable, engineTableName, missingTables } from "./tables.ts";

const AGAIN_MILLISECONDS = 1_000;
/** Errors of the store that no waiting mends. */
const FINAL = new Set([
  "AccessDeniedException",
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "CredentialsProviderError",
]);

/**
 * Makes tables and stream, or looks that they are there. Waits for ever for a store or a stream that is away,
 * which is normal when all of them start at once. Rejects with a CommandFailure when that won't help.
 */
export const prepareStore = async (
  dynamodb: DynamoDBClient,
  positions: Positions | undefined,
  { creates, tablePrefix }: EngineSettings,
  log: Log,
): Promise<void> => {
  const tables = async (): Promise<void> => {
    if (creates) return createEveryTable(dynamodb, tablePrefix);
    const missing = await missingTables(dynamodb, tablePrefix);
    if (missing.length === 0) return;
    throw failure(`the store has no table ${missing.join(", ")}, and ENGINE_CREATE=no forbids making any`);
  };
  await Promise.all([
    untilDone("the store", tables, log),
    positions && untilDone("the stream", positions.prepare, log),
  ]);
};

const untilDone = async (what: string, work: () => Promise<void>, log: Log): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      if (name === "CommandFailure") throw error;
      if (error instanceof MisconfiguredError || FINAL.has(name)) throw failure(`${what}: ${message}`, error);
      // Once at first, and then twice a minute.
      if (attempt % 30 === 1) log("warn", `waiting for ${what}: ${name}: ${message}`);
      await sleep(AGAIN_MILLISECONDS);
    }
  }
};

/** Rejects while the store doesn't answer. */
export const storeCheck = (
  dynamodb: DynamoDBClient,
  { tablePrefix }: Pick<EngineSettings, "tablePrefix">,
): (() => Promise<void>) => {
  const command = { TableName: engineTableName("leases", tablePrefix) };
  return async () => {
    await dynamodb.send(new DescribeTableCommand(command));
  };
};
