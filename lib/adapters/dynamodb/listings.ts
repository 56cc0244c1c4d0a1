import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { MisconfiguredError } from "../../core/errors.ts";
import type { Page, PageRequest } from "../../core/page.ts";
import type { TenantId } from "../../core/tenant/tenant-id.ts";
import { answerTo } from "../aws-errors.ts";
import type { Patience } from "../backoff.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type EntryRange, type ListingKey, type ListingRange, listedId } from "../listing-keys.ts";
import { tenantKey } from "../tenant-key.ts";
import { type Item, readItems } from "./batch.ts";

/**
 * The listings table lists what exists, so that no request has to scan a table. An entry is written before
 * its item and removed after it: everything that exists is listed; an entry whose item does not exist (yet,
 * or any more) is left out.
 */
export interface Listings {
  /** Adding it again changes no more than when it expires. */
  add(key: ListingKey, expiresAtSeconds?: number): Promise<void>;
  /** Repeating it is harmless. */
  remove(key: ListingKey): Promise<void>;
  /** The entries of a range in their order, from behind `after` on: at most `limit`. */
  entries(range: ListingRange, limit: number, after?: string): Promise<string[]>;
  /** Which of some entries there are. */
  present(keys: readonly ListingKey[], patience: Patience): Promise<string[]>;
  /** How many entries a range has; counting ends at `upTo`. */
  count(range: ListingRange, upTo: number): Promise<number>;
}

/** What a query gives back. */
type What = Pick<QueryCommandInput, "ProjectionExpression" | "Select">;
const ENTRIES: What = { ProjectionExpression: "#entry" };
const COUNT: What = { Select: "COUNT" };

/**
 * A tenant's listings, in the table of a function that names it; one that does not may neither make things
 * nor list them. Each listing is a partition of its own for each tenant: a query can't reach another's,
 * whatever range or cursor it is given.
 */
export const dynamoListings = (
  client: DynamoDBClient,
  tableName: string | undefined,
  tenant: TenantId,
): Listings => {
  const itemKey = ({ listing, entry }: ListingKey): Item => ({
    listing: { S: tenantKey(tenant, listing) },
    entry: { S: entry },
  });
  const table = (): string => {
    if (tableName !== undefined) return tableName;
    throw new MisconfiguredError("this function does not name the table of listings");
  };
  /** The entries of one range, or how many they are: at most `upTo`. */
  const find = async (listing: string, { from, to }: EntryRange, upTo: number, what: What) => {
    const entries: string[] = [];
    let count = 0;
    let startKey: Item | undefined;
    while (from <= to && count < upTo) {
      const command = new QueryCommand({
        TableName: table(),
        ConsistentRead: true,
        KeyConditionExpression: "listing = :listing AND #entry BETWEEN :from AND :to",
        ExpressionAttributeNames: { "#entry": "entry" },
        // An empty text is no key.
        ExpressionAttributeValues: {
          ":listing": { S: tenantKey(tenant, listing) },
          ":from": { S: from || "\u0000" },
          ":to": { S: to },
        },
        ...what,
        Limit: upTo - count,
        ExclusiveStartKey: startKey,
      });
      const answer = await answerTo(`list ${listing}`, client.send(command));
      for (const item of answer.Items ?? []) entries.push(String(item.entry.S));
      count += answer.Count ?? 0;
      startKey = answer.LastEvaluatedKey;
      if (!startKey) break;
    }
    return { entries, count };
  };

  return {
    async count({ listing, ranges }, upTo) {
      let count = 0;
      for (const range of ranges) count += (await find(listing, range, upTo - count, COUNT)).count;
      return count;
    },
    async add({ listing, entry }, expiresAtSeconds) {
      const command = new PutItemCommand({
        TableName: table(),
        Item: {
          ...itemKey({ listing, entry }),
          ...(expiresAtSeconds !== undefined && { expiresAtSeconds: { N: String(expiresAtSeconds) } }),
        },
      });
      await answerTo(`list ${entry} among ${listing}`, client.send(command));
    },
    async remove(key) {
      const command = new DeleteItemCommand({ TableName: table(), Key: itemKey(key) });
      await answerTo(`take ${key.entry} off ${key.listing}`, client.send(command));
    },
    async present(keys, patience) {
      const wanted = [...new Map(keys.map((key) => [`${key.listing} ${key.entry}`, itemKey(key)])).values()];
      const items = await readItems(client, table(), wanted, patience);
      return items.map((item) => String(item.entry.S));
    },
    async entries({ listing, ranges }, limit, after) {
      const found: string[] = [];
      for (const range of ranges) {
        const behind =
          after !== undefined && after >= range.from ? { ...range, from: `${after}\u0000` } : range;
        found.push(...(await find(listing, behind, limit - found.length, ENTRIES)).entries);
      }
      return found;
    },
  };
};

// DynamoDB's limit for a sort key is 1,024; a page continues one byte behind an entry.
const LONGEST_ENTRY_BYTES = 1_000;

/** Entries without a thing that a page passes over before it ends early: what bounds a request. */
const MAXIMUM_MISSING = 1_000;

/** What a listing lists. */
export interface Listed<Thing> {
  /** Reads the things of some ids; those that do not exist are left out, or undefined. */
  readonly load: (ids: readonly string[]) => Promise<readonly Thing[]>;
  /** Of a thing that exists. An entry that is not the one of its thing is a leftover. */
  readonly keyOf: (thing: Thing) => ListingKey;
}

/**
 * One page of what a range lists. Entries whose thing does not exist are passed over. The cursor is the last
 * entry of the page, so that things which come and go between two pages neither repeat nor hide others.
 */
export const listedPage = async <Thing>(
  listings: Listings,
  range: ListingRange,
  { limit, cursor }: PageRequest,
  { load, keyOf }: Listed<Thing>,
): Promise<Page<Thing>> => {
  let after =
    cursor === undefined ? undefined : decodeCursor(cursor, { entry: "string" }, LONGEST_ENTRY_BYTES).entry;
  const items: Thing[] = [];
  for (let passedOver = 0; ; ) {
    // One more than the page holds, so that the last page is known to be the last.
    const wanted = limit + 1 - items.length;
    const entries = await listings.entries(range, wanted, after);
    const loaded = entries.length === 0 ? [] : await load([...new Set(entries.map(listedId))]);
    const things = new Map(loaded.map((thing) => [keyOf(thing).entry, thing]));
    for (const entry of entries) {
      const thing = things.get(entry);
      if (thing !== undefined && items.length === limit) return { items, cursor: cursorTo(after) };
      if (thing !== undefined) items.push(thing);
      else passedOver++;
      after = entry;
    }
    if (entries.length < wanted) return { items };
    if (passedOver >= MAXIMUM_MISSING) return { items, cursor: cursorTo(after) };
  }
};

const cursorTo = (entry = ""): string => encodeCursor({ entry });
