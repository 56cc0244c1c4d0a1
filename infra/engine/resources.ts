import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException as TableExistsException,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import {
  CreateStreamCommand,
  type KinesisClient,
  ResourceInUseException as StreamExistsException,
  waitUntilStreamExists,
} from "@aws-sdk/client-kinesis";
import { STREAMS, type StreamName } from "../../lib/resources/stream.ts";
import type { TableName } from "../../lib/resources/table.ts";
import { TABLES } from "../../lib/resources/table.ts";
import type { TableResource } from "../../lib/resources/table-resource.ts";

/*
 * Creates the tables and streams of lib/resources/, and the engines' own tables, on servers that
 * speak DynamoDB and Kinesis. Creating what exists is no error, so that a start on old data works like a
 * first start. It changes nothing that exists.
 */

export interface ResourceNames {
  readonly tables: Readonly<Record<TableName, string>>;
  readonly streams: Readonly<Record<StreamName, string>>;
}

/** Each resource under its own name, with a prefix where several sets share one server (as in tests). */
export const resourceNames = (prefix = ""): ResourceNames => ({
  tables: mapKeys(TABLES, (name) => `${prefix}${name}`),
  streams: mapKeys(STREAMS, (name) => `${prefix}${name}`),
});

const WAIT = { maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.1 };

/** Creates one table unless it exists; resolves when it can be used. */
export const createTable = async (
  client: DynamoDBClient,
  tableName: string,
  { partitionKey, sortKey }: TableResource,
): Promise<void> => {
  const keys = sortKey ? [partitionKey, sortKey] : [partitionKey];
  try {
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
        KeySchema: keys.map(({ name }, index) => ({
          AttributeName: name,
          KeyType: index === 0 ? "HASH" : "RANGE",
        })),
      }),
    );
  } catch (error) {
    if (!(error instanceof TableExistsException)) throw error;
  }
  const isActive = await client
    .send(new DescribeTableCommand({ TableName: tableName }))
    .then(({ Table }) => Table?.TableStatus === "ACTIVE");
  if (!isActive) await waitUntilTableExists({ client, ...WAIT }, { TableName: tableName });
};

/**
 * Creates one stream unless it exists; resolves when it can be used. An existing one keeps its number of
 * shards.
 */
export const createStream = async (
  client: KinesisClient,
  streamName: string,
  { shards }: { readonly shards: number },
): Promise<void> => {
  try {
    await client.send(new CreateStreamCommand({ StreamName: streamName, ShardCount: shards }));
  } catch (error) {
    if (!(error instanceof StreamExistsException)) throw error;
  }
  await waitUntilStreamExists({ client, ...WAIT }, { StreamName: streamName });
};

/** Creates every table and stream that functions use, all at once. */
export const createResources = async (
  clients: { readonly dynamodb: DynamoDBClient; readonly kinesis: KinesisClient },
  names: ResourceNames = resourceNames(),
): Promise<void> => {
  await Promise.all([
    ...keysOf(TABLES).map((name) => createTable(clients.dynamodb, names.tables[name], TABLES[name])),
    ...keysOf(STREAMS).map((name) =>
      createStream(clients.kinesis, names.streams[name], {
        shards: STREAMS[name].localShards,
      }),
    ),
  ]);
};

const keysOf = <Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] =>
  Object.keys(record) as Key[];

const mapKeys = <Key extends string>(
  record: Readonly<Record<Key, unknown>>,
  value: (key: Key) => string,
): Record<Key, string> =>
  Object.fromEntries(keysOf(record).map((key) => [key, value(key)])) as Record<Key, string>;
