import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoApiKeyStore } from "../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import type { ApiKeyStore } from "../../lib/core/access/api-key.ts";
import { localClientSettings } from "../local/clients.ts";
import { tableName } from "../local/names.ts";
import { failure } from "../local/stack/failure.ts";
import { requireStack } from "../local/stack/registry.ts";
import type { Target } from "./options.ts";

export interface KeysTable {
  readonly keys: ApiKeyStore;
  /** Of which the keys are, for people: `stage prod`. */
  readonly whose: string;
  close(): void;
}

/** The output of the CloudFormation stack that names the table. */
export const KEYS_TABLE_OUTPUT = "KeysTable";

/** The keys of a stage, found by what its CloudFormation stack says of itself; without a stage those of the stack that runs here. */
export const openKeysTable = async ({ stage, region, profile }: Target): Promise<KeysTable> => {
  if (stage === undefined) {
    const { dynamodbEndpoint } = await requireStack();
    const client = new DynamoDBClient(localClientSettings(dynamodbEndpoint));
    return tableOf(client, tableName("keys"), "the local stack");
  }
  const place = { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
  const table = await findTable(new CloudFormationClient(place), stage);
  return tableOf(dynamoClient(place), table, `stage ${stage}`);
};

const tableOf = (client: DynamoDBClient, name: string, whose: string): KeysTable => ({
  keys: dynamoApiKeyStore(client, name),
  whose,
  close: () => client.destroy(),
});

const findTable = async (client: CloudFormationClient, stage: string): Promise<string> => {
  const StackName = `backtrack-${stage}`;
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    const output = stack?.Outputs?.find(({ OutputKey }) => OutputKey === KEYS_TABLE_OUTPUT)?.OutputValue;
    if (output) return output;
  } catch (error) {
    throw failure(`stage ${stage} can't be looked up: ${reasonOf(error)}`, error);
  } finally {
    client.destroy();
  }
  throw failure(`the stack ${StackName} names no table of keys: it is being made, or is of an older version`);
};

const reasonOf = (error: unknown): string => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (message.includes("does not exist")) return "there is no such stage in this account and region";
  if (message.includes("Region is missing")) return "no region is set; name it by --region";
  return message || name;
};
