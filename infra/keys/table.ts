import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoApiKeyStore } from "../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import type { ApiKeyStore } from "../../lib/core/access/api-key.ts";
import type { Target } from "../command/target.ts";
import { localClientSettings } from "../engine/clients.ts";
import { tableName } from "../engine/names.ts";
import { requireStack } from "../local/stack/registry.ts";
import { placeOf, stageOutputs } from "../stage-outputs.ts";
import { openStore } from "../store/address.ts";

export interface KeysTable {
  readonly keys: ApiKeyStore;
  /** Where the keys belong, for people: `stage prod`. */
  readonly whose: string;
  close(): void;
}

/** The output of the CloudFormation stack that names the table. */
export const KEYS_TABLE_OUTPUT = "KeysTable";

/**
 * The keys of a stage, found by its CloudFormation stack's outputs, or of a self-hosted stack, found in its
 * store; without either, those of the stack that runs here.
 */
export const openKeysTable = async (target: Target): Promise<KeysTable> => {
  const { stage, region, profile, url, data, store } = target;
  if (store !== undefined) {
    const { client, tableName: nameOf } = openStore(target);
    return tableOf(client, nameOf("keys"), `the stack of ${store}`);
  }
  if (stage === undefined) {
    const { dynamodbEndpoint, credentials } = await requireStack({ url, data });
    const client = new DynamoDBClient(localClientSettings(dynamodbEndpoint, credentials));
    return tableOf(client, tableName("keys"), "the local stack");
  }
  const outputs = await stageOutputs({ stage, region, profile }, { [KEYS_TABLE_OUTPUT]: "table of keys" });
  return tableOf(dynamoClient(placeOf({ region, profile })), outputs[KEYS_TABLE_OUTPUT], `stage ${stage}`);
};

const tableOf = (client: DynamoDBClient, name: string, whose: string): KeysTable => ({
  keys: dynamoApiKeyStore(client, name),
  whose,
  close: () => client.destroy(),
});
