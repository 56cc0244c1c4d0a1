import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import type { OpenStore } from "../../infra/store/address.ts";
import { type RestoreOptions, restoreBackup } from "../../infra/store/backup/restore-backup.ts";
import { type BackupOptions, writeBackup } from "../../infra/store/backup/write-backup.ts";
import { createTables } from "../../infra/store/create-tables.ts";
import { BACKUP_ORDER, STORED_TABLES, type StoredTableName } from "../../infra/store/tables.ts";

export type Item = Record<string, AttributeValue>;

/** What is called before each command; a rejection is the store's. */
export type BeforeCommand = (command: unknown) => Promise<unknown> | unknown;

/** A client that lets somebody do something, or answer in its place, before each command. */
export const watched = (client: DynamoDBClient, before: BeforeCommand): DynamoDBClient => {
  const send = async (command: never) => (await before(command)) ?? client.send(command);
  return { send, destroy: () => {}, config: client.config } as unknown as DynamoDBClient;
};

/** Tables under a prefix of their own. */
export const storeAt = (client: DynamoDBClient, prefix = `${randomUUID()}.`): OpenStore => ({
  client,
  url: "http://store.test",
  tableName: (table) => `${prefix}${table}`,
  close: () => {},
});

/** Nobody waits for long. */
const PATIENCE = { sleep: async () => {}, random: () => 0, attempts: 20 };

export const newStore = async (client: DynamoDBClient): Promise<OpenStore> => {
  const store = storeAt(client);
  await createTables(store, { ...PATIENCE, signal: new AbortController().signal });
  return store;
};

/** An item of a table, by whatever key it has. */
export const itemIn = (table: StoredTableName, id: string | number, attributes: Item = {}): Item => {
  const { partitionKey, sortKey } = STORED_TABLES[table];
  const keyValue = ({ type }: { type: "S" | "N" }): AttributeValue =>
    type === "N" ? { N: String(Number(id) || 0) } : { S: String(id) };
  return {
    [partitionKey.name]: keyValue(partitionKey),
    ...(sortKey && { [sortKey.name]: keyValue(sortKey) }),
    ...attributes,
  };
};

export const put = async (store: OpenStore, table: StoredTableName, item: Item): Promise<void> => {
  await store.client.send(new PutItemCommand({ TableName: store.tableName(table), Item: item }));
};

export const itemsIn = async (store: OpenStore, table: StoredTableName): Promise<Item[]> => {
  const found: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const TableName = store.tableName(table);
    const page = await store.client.send(
      new ScanCommand({ TableName, ConsistentRead: true, ExclusiveStartKey }),
    );
    found.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return found;
};

/** Everything that a store holds, in an order that depends on nothing else. */
export const contentOf = async (store: OpenStore): Promise<Record<string, string[]>> => {
  const content: Record<string, string[]> = {};
  for (const table of BACKUP_ORDER) {
    const items = await itemsIn(store, table);
    content[table] = items
      .map((item) => JSON.stringify(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1))))
      .sort();
  }
  return content;
};

export const backUp = (store: OpenStore, file: string, options: Partial<BackupOptions> = {}) => {
  const signal = options.signal ?? new AbortController().signal;
  return writeBackup(store, {
    file,
    persistence: { ...PATIENCE, signal },
    now: () => 1_795_176_000_000,
    signal,
    onProgress: () => {},
    ...options,
  });
};

export const restore = (store: OpenStore, file: string, options: Partial<RestoreOptions> = {}) => {
  const signal = options.signal ?? new AbortController().signal;
  return restoreBackup(store, {
    file,
    force: false,
    persistence: { ...PATIENCE, signal },
    sleep: async () => {},
    signal,
    onProgress: () => {},
    ...options,
  });
};

/** A folder for files, and how to remove it. */
export const temporaryFiles = () => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-backup-"));
  return {
    file: (name = `${randomUUID()}.backup`): string => join(folder, name),
    remove: () => rmSync(folder, { recursive: true }),
  };
};

export const isWrite = (command: unknown): boolean =>
  command instanceof BatchWriteItemCommand || command instanceof PutItemCommand;
