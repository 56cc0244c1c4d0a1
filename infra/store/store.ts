import { dynamoExpiredItems } from "../../lib/adapters/dynamodb/expired-items.ts";
import { sleep } from "../../lib/adapters/sleep.ts";
import { sweepAll } from "../../lib/core/expiry/sweep.ts";
import { runCommand, say } from "../command/command-line.ts";
import { type OpenStore, openStore, storeFailure } from "./address.ts";
import { restoreBackup } from "./backup/restore-backup.ts";
import { writeBackup } from "./backup/write-backup.ts";
import { createTables } from "./create-tables.ts";
import { parseStoreOptions, type StoreOptions } from "./options.ts";
import { serveStore } from "./serve.ts";
import { STORED_TABLES, type StoredTableName } from "./tables.ts";

/*
 * `npm run store -- serve | create | backup | restore | sweep`. Progress goes to standard error, the result
 * to standard output. Exit code 0: done; 1: failed or stopped; 2: used wrongly.
 */

const PROGRESS_MILLISECONDS = 2_000;

/** Says what is done now, but not more often than people can read. */
const progress = () => {
  let saidAtMs = Date.now();
  return (doing: string, count: number): void => {
    if (Date.now() - saidAtMs < PROGRESS_MILLISECONDS) return;
    saidAtMs = Date.now();
    say(`backtrack: ${doing}: ${count.toLocaleString("en")} items`);
  };
};

const itemsText = (count: number): string => `${count.toLocaleString("en")} item${count === 1 ? "" : "s"}`;

/** A minute and more without any progress. */
const PATIENCE = { sleep, random: Math.random, attempts: 60 };

type OnStore = Exclude<StoreOptions, { readonly action: "serve" }>;

const run = async (store: OpenStore, options: OnStore, signal: AbortSignal): Promise<string> => {
  const persistence = { ...PATIENCE, signal };
  const onProgress = progress();
  if (options.action === "create") {
    await createTables(store, persistence);
    return `${Object.keys(STORED_TABLES).length} tables are there: ${Object.keys(STORED_TABLES)
      .map((table) => store.tableName(table as StoredTableName))
      .join(", ")}`;
  }
  if (options.action === "backup") {
    const { file } = options;
    const { itemCounts, absent } = await writeBackup(store, {
      file,
      persistence,
      signal,
      now: Date.now,
      onProgress: (table, count) => onProgress(`read ${table}`, count),
    });
    for (const table of absent) say(`backtrack: there is no table ${store.tableName(table)}; left out`);
    const count = [...itemCounts.values()].reduce((sum, each) => sum + each, 0);
    return `${itemsText(count)} of ${itemCounts.size} tables written to ${file}`;
  }
  if (options.action === "restore") {
    const { file, force } = options;
    const { header, itemCount, deletedCount } = await restoreBackup(store, {
      file,
      force,
      persistence,
      sleep,
      signal,
      onProgress,
    });
    const deleted = deletedCount > 0 ? `${itemsText(deletedCount)} deleted, ` : "";
    return `${deleted}${itemsText(itemCount)} of ${header.createdAt} restored; engine and functions may start`;
  }
  const tables = (Object.keys(STORED_TABLES) as StoredTableName[]).map((table) => ({
    ...STORED_TABLES[table],
    tableName: store.tableName(table),
  }));
  const deletedCount = await sweepAll(dynamoExpiredItems(store.client, tables), Date.now(), (count) => {
    signal.throwIfAborted();
    onProgress("deleted", count);
  });
  return `${itemsText(deletedCount)} deleted`;
};

const main = async (): Promise<void> => {
  const options = parseStoreOptions(process.argv.slice(2));
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  if (options.action === "serve") return serveStore(options, { signal: stop.signal, say });
  const store = openStore(options, options.tableNames);
  try {
    process.stdout.write(`${await run(store, options, stop.signal)}\n`);
  } catch (error) {
    throw storeFailure(error, store.url);
  } finally {
    store.close();
  }
};

await runCommand(main);
