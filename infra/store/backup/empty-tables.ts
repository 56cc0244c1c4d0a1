import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { answerTo } from "../../../lib/adapters/aws-errors.ts";
import { type Item, writeItems } from "../../../lib/adapters/dynamodb/batch.ts";
import type { Sleep } from "../../../lib/core/clock.ts";
import { failure } from "../../command/failure.ts";
import type { OpenStore } from "../address.ts";
import { type Persistence, persistently } from "../persistently.ts";
import { STORED_TABLES, type StoredTableName } from "../tables.ts";
import { FENCED_TABLES, tokenOf } from "./fences.ts";

/* What a restore does to a store that holds something, when it is told to. */

export interface EmptiedStore {
  readonly deletedCount: number;
}

interface EmptyOptions {
  readonly persistence: Persistence;
  readonly onProgress: (doing: string, itemCount: number) => void;
}

/** Deletes every item of some tables, one table after the other. */
export const emptyTables = async (
  store: OpenStore,
  tables: readonly StoredTableName[],
  { persistence, onProgress }: EmptyOptions,
): Promise<EmptiedStore> => {
  let deletedCount = 0;
  for (const table of tables) {
    for await (const keys of scan(store, table, keyNames(table), persistence)) {
      const deletes = keys.map((Key) => ({ DeleteRequest: { Key } }));
      await persistently(persistence, () =>
        writeItems(store.client, store.tableName(table), deletes, persistence),
      );
      deletedCount += keys.length;
      onProgress(`deleted from ${table}`, deletedCount);
    }
  }
  return { deletedCount };
};

/** The greatest number under which an engine has saved anything. */
export const greatestToken = async (store: OpenStore, persistence: Persistence): Promise<number> => {
  let greatest = 0;
  for (const table of FENCED_TABLES) {
    for await (const items of scan(store, table, ["token", "leaseToken"], persistence)) {
      for (const item of items) greatest = Math.max(greatest, tokenOf(table, item));
    }
  }
  return greatest;
};

/** ENGINE_LEASE_SECONDS is no longer, so nobody waits longer for the beat of one. */
const LONGEST_LEASE_MILLISECONDS = 600_000;

/**
 * Raises a CommandFailure when the beat of a lease moves while one looks: an engine that works on the tables
 * would save its places over those of the backup.
 */
export const refuseWhileEnginesRun = async (
  store: OpenStore,
  {
    persistence,
    sleep,
    signal,
  }: { readonly persistence: Persistence; readonly sleep: Sleep; readonly signal: AbortSignal },
): Promise<void> => {
  const before = await heldLeases(store, persistence);
  if (before.size === 0) return;
  const longest = Math.max(...[...before.values()].map(({ milliseconds }) => milliseconds));
  await sleep(Math.min(longest, LONGEST_LEASE_MILLISECONDS), signal);
  for (const [name, { beat }] of await heldLeases(store, persistence)) {
    if (before.get(name)?.beat === beat) continue;
    throw failure(
      `an engine works on the store at ${store.url}: stop it and the functions first, ` +
        "or it saves its places over those of the backup",
    );
  }
};

const heldLeases = async (store: OpenStore, persistence: Persistence) => {
  const leases = new Map<string, { readonly beat: string; readonly milliseconds: number }>();
  const attributes = [...keyNames("leases"), "owner", "beat", "token", "leaseMilliseconds"];
  for await (const items of scan(store, "leases", attributes, persistence)) {
    for (const { leaseGroup, leaseName, owner, beat, token, leaseMilliseconds } of items) {
      if (owner === undefined) continue;
      leases.set(JSON.stringify([leaseGroup?.S, leaseName?.S]), {
        beat: `${token?.N} ${beat?.N}`,
        milliseconds: Number(leaseMilliseconds?.N ?? 0),
      });
    }
  }
  return leases;
};

const keyNames = (table: StoredTableName): string[] => {
  const { partitionKey, sortKey } = STORED_TABLES[table];
  return sortKey ? [partitionKey.name, sortKey.name] : [partitionKey.name];
};

/** Some attributes of every item, page by page. */
async function* scan(
  { client, tableName }: OpenStore,
  table: StoredTableName,
  attributes: readonly string[],
  persistence: Persistence,
): AsyncGenerator<readonly Item[]> {
  let ExclusiveStartKey: Item | undefined;
  do {
    const command = new ScanCommand({
      TableName: tableName(table),
      ConsistentRead: true,
      ProjectionExpression: attributes.map((_, index) => `#a${index}`).join(", "),
      ExpressionAttributeNames: Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name])),
      ExclusiveStartKey,
    });
    const page = await persistently(persistence, () => answerTo(`read ${table}`, client.send(command)));
    yield page.Items ?? [];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
