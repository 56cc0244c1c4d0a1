import { type Item, writeItems } from "../../../lib/adapters/dynamodb/batch.ts";
import type { Sleep } from "../../../lib/core/clock.ts";
import { failure } from "../../command/failure.ts";
import type { OpenStore } from "../address.ts";
import { createTables } from "../create-tables.ts";
import { type Persistence, persistently } from "../persistently.ts";
import { BACKUP_ORDER, STORED_TABLES, type StoredTableName } from "../tables.ts";
import { type EmptiedStore, emptyTables, greatestToken, refuseWhileEnginesRun } from "./empty-tables.ts";
import { fencedItem, tokenOf } from "./fences.ts";
import type { BackupHeader } from "./format.ts";
import { readBackup } from "./read-backup.ts";
import { filledTables } from "./table-state.ts";

export interface RestoreOptions {
  readonly file: string;
  /** Deletes what the tables hold, where it would be refused otherwise. */
  readonly force: boolean;
  readonly persistence: Persistence;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  readonly onProgress: (doing: string, itemCount: number) => void;
}

export interface RestoreSummary {
  readonly header: BackupHeader;
  readonly itemCount: number;
  /** How many were there before; 0 without `force`. */
  readonly deletedCount: number;
}

/** They say what need not be read again, so they are deleted before everything else and written after it. */
const LAST: StoredTableName = "event-source-checkpoints";

/** As many as one batch takes. */
const ITEMS_PER_BATCH = 25;

/**
 * Writes a backup into empty tables, which are created where they are missing. At every moment, also when it
 * is killed, no checkpoint is there without the state that it speaks of. Raises a CommandFailure, before it
 * changes anything, for a file that isn't whole, tables that aren't empty, and engines that run.
 */
export const restoreBackup = async (store: OpenStore, options: RestoreOptions): Promise<RestoreSummary> => {
  const { file, force, persistence, signal, onProgress } = options;
  const { header, itemCount, token: tokenInFile } = await lookThrough(options);
  signal.throwIfAborted();

  await createTables(store, persistence);
  const filled = await filledTables(store, BACKUP_ORDER, persistence);
  let emptied: EmptiedStore = { deletedCount: 0 };
  let tokenInStore = 0;
  if (filled.length > 0) {
    if (!force) {
      throw failure(
        `the store at ${store.url} isn't empty: there are items in ${filled.map(store.tableName).join(", ")}. ` +
          "A restore begins with empty tables; --force deletes what is there",
      );
    }
    await refuseWhileEnginesRun(store, options);
    tokenInStore = await greatestToken(store, persistence);
  }

  const token = Math.max(tokenInFile, tokenInStore) + 1;
  try {
    if (filled.length > 0) {
      const order = [LAST, ...filled.filter((table) => table !== LAST)];
      emptied = await emptyTables(store, order, options);
    }
    let written = 0;
    for (const isLast of [false, true]) {
      const wanted = (table: StoredTableName): boolean => (table === LAST) === isLast;
      for await (const { table, items } of batchesOf(file, wanted)) {
        const puts = items.map((item) => ({ PutRequest: { Item: fencedItem(table, item, token) } }));
        await persistently(persistence, () =>
          writeItems(store.client, store.tableName(table), puts, persistence),
        );
        written += items.length;
        onProgress(`restored into ${table}`, written);
      }
    }
  } catch (error) {
    const reason = signal.aborted ? "it was stopped" : error instanceof Error ? error.message : String(error);
    throw failure(
      `the restore broke off: ${reason}. The tables hold a part of the backup: start no engine on them, ` +
        "and run it again with --force",
      error,
    );
  }
  return { header, itemCount, deletedCount: emptied.deletedCount };
};

/** Reads the whole file once before anything is changed: only at its end is it known to be whole. */
const lookThrough = async ({ file, signal, onProgress }: RestoreOptions) => {
  let header: BackupHeader | undefined;
  let [itemCount, token] = [0, 0];
  for await (const read of readBackup(file)) {
    signal.throwIfAborted();
    if (!("item" in read)) {
      header = read;
      continue;
    }
    itemCount++;
    token = Math.max(token, tokenOf(read.table, read.item));
    onProgress("checked", itemCount);
  }
  if (!header) throw failure(`${file} can't be restored: it is empty`);
  return { header, itemCount, token };
};

interface Batch {
  readonly table: StoredTableName;
  readonly items: readonly Item[];
}

async function* batchesOf(file: string, wanted: (table: StoredTableName) => boolean): AsyncGenerator<Batch> {
  let table: StoredTableName | undefined;
  // By key: a table that was split while it was read may have given an item twice, and a batch can't hold it
  // so.
  let items = new Map<string, Item>();
  const flush = function* (): Generator<Batch> {
    if (table !== undefined && items.size > 0) yield { table, items: [...items.values()] };
    items = new Map();
  };
  for await (const read of readBackup(file)) {
    if (!("item" in read) || !wanted(read.table)) continue;
    if (read.table !== table || items.size === ITEMS_PER_BATCH) yield* flush();
    table = read.table;
    items.set(keyText(table, read.item), read.item);
  }
  yield* flush();
}

const keyText = (table: StoredTableName, item: Item): string => {
  const { partitionKey, sortKey } = STORED_TABLES[table];
  return JSON.stringify([item[partitionKey.name], sortKey && item[sortKey.name]]);
};
