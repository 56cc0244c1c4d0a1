import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { vi } from "vitest";
import { createStream, createTable } from "../infra/engine/resources.ts";
import type { PutSignal } from "../infra/local/kinesis/put-signal.ts";
import { startKinesis } from "../infra/local/kinesis/server.ts";
import { startDynamodb } from "../infra/store/embedded/server.ts";
import { dynamoClient } from "../lib/adapters/dynamodb/client.ts";
import { kinesisClient } from "../lib/adapters/kinesis/client.ts";
import type { TableName } from "../lib/resources/table.ts";
import { TABLES } from "../lib/resources/table.ts";

/** What every AWS client requires, and a local server does not check. */
export const stubAwsEnvironment = (): void => {
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
};

export interface LocalDynamodb {
  /** The clients that functions use, pointed at the local server. */
  readonly client: DynamoDBClient;
  /** Makes an empty table with the keys of lib/resources/, and returns its name. */
  readonly makeTable: (table: TableName) => Promise<string>;
  /** The actions sent so far to tables from makeTable: `GetItem` and so on, by table name. */
  readonly sent: ReadonlyMap<TableName, ReadonlySet<string>>;
  readonly close: () => Promise<void>;
}

export const startLocalDynamodb = async (): Promise<LocalDynamodb> => {
  stubAwsEnvironment();
  const server = await startDynamodb();
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", server.endpoint);
  const client = dynamoClient();
  let tables = 0;
  const sent = new Map<TableName, Set<string>>();
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      (call) => {
        for (const name of tablesIn(call.input as TableInput)) {
          const table = name.replace(/-\d+$/, "") as TableName;
          sent.set(table, (sent.get(table) ?? new Set()).add(commandName.replace(/Command$/, "")));
        }
        return next(call);
      },
    { step: "initialize" },
  );
  return {
    client,
    sent,
    async makeTable(table) {
      const tableName = `${table}-${++tables}`;
      await createTable(client, tableName, TABLES[table]);
      return tableName;
    },
    async close() {
      client.destroy();
      await server.close();
    },
  };
};

interface TableInput {
  readonly TableName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
}

const tablesIn = ({ TableName, RequestItems = {} }: TableInput): string[] =>
  [TableName ?? [], Object.keys(RequestItems)].flat();

export interface LocalKinesis {
  readonly client: KinesisClient;
  readonly puts: PutSignal;
  /** Makes an empty stream of two shards, and returns its name. */
  readonly makeStream: () => Promise<string>;
  readonly close: () => Promise<void>;
}

export const startLocalKinesis = async (): Promise<LocalKinesis> => {
  stubAwsEnvironment();
  const server = await startKinesis();
  vi.stubEnv("AWS_ENDPOINT_URL_KINESIS", server.endpoint);
  const client = kinesisClient();
  let streams = 0;
  return {
    client,
    puts: server.puts,
    async makeStream() {
      const streamName = `positions-${++streams}`;
      await createStream(client, streamName, { shards: 2 });
      return streamName;
    },
    async close() {
      client.destroy();
      await server.close();
    },
  };
};
