import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { BacktrackError } from "../../lib/core/errors.ts";
import { secretsFolder } from "../../lib/secrets/secret-file.ts";
import { failure, wrongUse } from "../command/failure.ts";
import { checkTablePrefix, type StoreChoice } from "../command/target.ts";
import { TABLE_PREFIX } from "../engine/tables.ts";
import type { StoredTableName } from "./tables.ts";

/*
 * The store of a self-hosted Backtrack: an endpoint of the DynamoDB API, and what its tables' names begin
 * with. The access key comes from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, from the secrets in
 * SECRETS_FOLDER, or from the file AWS_SHARED_CREDENTIALS_FILE.
 */

export interface OpenStore {
  readonly client: DynamoDBClient;
  /** Of the endpoint, for people. */
  readonly url: string;
  tableName(table: StoredTableName): string;
  close(): void;
}

/** The region that AWS's own endpoints have in their names; elsewhere any will do. */
const regionOf = (url: string): string => {
  const [, inName] = /^dynamodb\.([a-z0-9-]+)\.amazonaws\.com/.exec(new URL(url).hostname) ?? [];
  return inName ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "us-east-1";
};

const prefixOfEnvironment = (): string => {
  const { TABLE_PREFIX: given = TABLE_PREFIX } = process.env;
  try {
    return checkTablePrefix(given);
  } catch (error) {
    throw wrongUse(`TABLE_PREFIX ${JSON.stringify(given)} ${error instanceof Error ? error.message : error}`);
  }
};

/** Raises a CommandFailure when nothing says where the store is. */
export const openStore = (
  { store, tablePrefix = prefixOfEnvironment() }: StoreChoice,
  names: Readonly<Partial<Record<StoredTableName, string>>> = {},
): OpenStore => {
  if (store === undefined) throw wrongUse("say which store: --store http://host:8000");
  const client = dynamoClient({
    endpoint: store,
    region: regionOf(store),
    // Commands have time, and a page of a megabyte takes longer than one item.
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  });
  return {
    client,
    url: store,
    tableName: (table) => names[table] ?? `${tablePrefix}${table}`,
    close: () => client.destroy(),
  };
};

/** An error of the store, or of the way there, in one line; any other as it is. */
export const storeFailure = (error: unknown, url: string): unknown => {
  if (!(error instanceof Error)) return error;
  if (error.name === "CredentialsProviderError" || /Could not load credentials/.test(error.message)) {
    return failure(
      "no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, SECRETS_FOLDER, or AWS_SHARED_CREDENTIALS_FILE; " +
        `no secrets are in ${secretsFolder()}`,
      error,
    );
  }
  const isOfStore = "$metadata" in error || error instanceof BacktrackError;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (!isOfStore && !/^(E[A-Z_]+|UND_ERR)/.test(code) && error.name !== "TimeoutError") return error;
  return failure(`the store at ${url}: ${error.message || code || error.name}`, error);
};
