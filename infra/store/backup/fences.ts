import type { Item } from "../../../lib/adapters/dynamodb/batch.ts";
import type { StoredTableName } from "../tables.ts";

/*
 * Leases are numbered, what is saved under a lease carries its number, and a smaller number than the saved
 * one is refused. After a restore the numbers go on from the greatest that the backup and the store before it
 * have seen: an engine that was paused all the time, and wakes up, can save nothing that belongs to the state
 * of before. A checkpoint of before over a restored state would skip records for good.
 */

const TOKEN_ATTRIBUTES: Readonly<Partial<Record<StoredTableName, string>>> = {
  leases: "token",
  "event-source-checkpoints": "leaseToken",
  executions: "token",
};

/** The number that an item carries; 0 for one that carries none. */
export const tokenOf = (table: StoredTableName, item: Item): number => {
  const attribute = TOKEN_ATTRIBUTES[table];
  return Number((attribute && item[attribute]?.N) ?? 0);
};

/**
 * The item under a number that is greater than every one before; a lease is free, since its owner is gone.
 */
export const fencedItem = (table: StoredTableName, item: Item, token: number): Item => {
  const attribute = TOKEN_ATTRIBUTES[table];
  if (!attribute || item[attribute]?.N === undefined) return item;
  const { owner: _, ...free } = item;
  return { ...(table === "leases" ? free : item), [attribute]: { N: String(token) } };
};

/** Tables whose items carry numbers. */
export const FENCED_TABLES = Object.keys(TOKEN_ATTRIBUTES) as StoredTableName[];
