import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { answerTo } from "../../../lib/adapters/aws-errors.ts";
import type { Item } from "../../../lib/adapters/dynamodb/batch.ts";
import { failure } from "../../command/failure.ts";
import type { OpenStore } from "../address.ts";
import { DATA_FORMAT } from "../embedded/data-format.ts";
import { type Persistence, persistently } from "../persistently.ts";
import { BACKUP_ORDER, isEngineTable, type StoredTableName } from "../tables.ts";
import { BACKUP_VERSION, type BackupEnd, type BackupHeader, type BackupLine } from "./format.ts";
import { itemJson } from "./item-json.ts";
import { existingTables } from "./table-state.ts";

export interface BackupOptions {
  /** Must not exist. */
  readonly file: string;
  readonly persistence: Persistence;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: (table: StoredTableName, itemCount: number) => void;
  /** Default: BACKUP_ORDER. Any other is wrong, as a test shows. */
  readonly order?: readonly StoredTableName[];
}

export interface BackupSummary {
  readonly itemCounts: ReadonlyMap<StoredTableName, number>;
  /** Tables of engines that the store doesn't have, as on AWS. */
  readonly absent: readonly StoredTableName[];
}

/**
 * Writes every table into one file, while the stack may go on working: in BACKUP_ORDER, with consistent
 * reads, a page at a time. The file has its name only when it is whole and on disk. Raises a CommandFailure
 * for a file that exists and a table that doesn't.
 */
export const writeBackup = async (store: OpenStore, options: BackupOptions): Promise<BackupSummary> => {
  const { file, signal, order = BACKUP_ORDER } = options;
  if (existsSync(file)) throw failure(`${file} exists already; a backup overwrites nothing`);
  const existing = await existingTables(store, options.persistence);
  const absent = order.filter((table) => !existing.has(table));
  const missing = absent.filter((table) => !isEngineTable(table));
  if (missing.length > 0) {
    throw failure(`the store at ${store.url} has no table ${missing.map(store.tableName).join(", ")}`);
  }
  const tables = order.filter((table) => existing.has(table));
  const itemCounts = new Map<StoredTableName, number>();
  const draft = `${file}.part`;
  try {
    await pipeline(
      Readable.from(checked(linesOf(store, tables, itemCounts, options)), { objectMode: false }),
      createGzip(),
      // It holds where everybody was, and what keys are checked by.
      createWriteStream(draft, { mode: 0o600 }),
      { signal },
    );
    await syncToDisk(draft);
    await rename(draft, file);
    await syncToDisk(dirname(file));
  } catch (error) {
    await rm(draft, { force: true });
    if (signal.aborted) throw failure("stopped; nothing was written", error);
    throw error;
  }
  return { itemCounts, absent };
};

const syncToDisk = async (path: string): Promise<void> => {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

type Line = BackupHeader | BackupLine;

/** Every line but the last. */
async function* linesOf(
  store: OpenStore,
  tables: readonly StoredTableName[],
  itemCounts: Map<StoredTableName, number>,
  { now, persistence, onProgress }: BackupOptions,
): AsyncGenerator<Line> {
  yield {
    backtrack: "backup of a store",
    version: BACKUP_VERSION,
    dataFormat: DATA_FORMAT,
    createdAt: new Date(now()).toISOString(),
    tables,
  };
  for (const table of tables) {
    yield { table };
    let itemCount = 0;
    for await (const items of pagesOf(store, table, persistence)) {
      for (const item of items) yield { item: itemJson(item) };
      itemCount += items.length;
      onProgress(table, itemCount);
    }
    itemCounts.set(table, itemCount);
    yield { tableEnd: table, itemCount };
  }
}

async function* pagesOf(
  { client, tableName }: OpenStore,
  table: StoredTableName,
  persistence: Persistence,
): AsyncGenerator<readonly Item[]> {
  let ExclusiveStartKey: Item | undefined;
  do {
    const command = new ScanCommand({
      TableName: tableName(table),
      // What comes later in the order must not be older than what was read first.
      ConsistentRead: true,
      ExclusiveStartKey,
    });
    const page = await persistently(persistence, () => answerTo(`read ${table}`, client.send(command)));
    yield page.Items ?? [];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

/** The lines as text, and the last one with their checksum. */
async function* checked(lines: AsyncIterable<Line>): AsyncGenerator<string> {
  const hash = createHash("sha256");
  let itemCount = 0;
  for await (const line of lines) {
    if ("item" in line) itemCount++;
    const text = `${JSON.stringify(line)}\n`;
    hash.update(text);
    yield text;
  }
  const end: BackupEnd = { itemCount, sha256: hash.digest("hex") };
  yield `${JSON.stringify(end)}\n`;
}
