import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { ConflictError, NotFoundError, VersionConflictError } from "../../core/errors.ts";
import { isOver, type Share, type ShareLinks, type ShareStore } from "../../core/share/share.ts";
import type { TenantId } from "../../core/tenant/tenant-id.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { type ListingKey, listedId, shareEntry, sharesOfDevice, sharesWith } from "../listing-keys.ts";
import { type Item, readItems } from "./batch.ts";
import { dynamoListings, listedPage } from "./listings.ts";

export interface ShareTableOptions {
  /** Of a function that makes, removes or lists shares. */
  readonly listingsTableName?: string;
  readonly patience?: Patience;
}

/**
 * The shares table: a share's fields as attributes. Its key is the share's id alone, because whoever has a
 * link has nothing else: the item says whose it is. `expiresAtSeconds` is its time to live; DynamoDB may
 * delete it later. It is listed for its tenant.
 */
export const dynamoShareStore =
  (
    client: DynamoDBClient,
    tableName: string,
    { listingsTableName, patience = REAL_PATIENCE }: ShareTableOptions = {},
  ) =>
  (tenant: TenantId): ShareStore => {
    const listings = dynamoListings(client, listingsTableName, tenant);
    const links = dynamoShareLinks(client, tableName);
    const load = async (shareIds: readonly string[]): Promise<Share[]> => {
      const items = await readItems(client, tableName, shareIds.map(keyOf), patience);
      return items.map(toShare).filter((share) => share.tenant === tenant);
    };
    const find = async (shareId: string): Promise<Share | undefined> => {
      const share = await links.find(shareId);
      return share?.tenant === tenant ? share : undefined;
    };

    /** An id is given once: nobody else can have it since it was found. */
    const removeItem = async (shareId: string): Promise<boolean> => {
      const command = new DeleteItemCommand({
        TableName: tableName,
        Key: keyOf(shareId),
        ReturnValues: "ALL_OLD",
      });
      const { Attributes: removed } = await answerTo(`remove share ${shareId}`, client.send(command));
      return removed !== undefined;
    };

    const isListed = async ({ listing, entry }: ListingKey): Promise<boolean> => {
      const range = { listing, ranges: [{ from: entry, to: entry }] };
      return (await listings.count(range, 1)) > 0;
    };

    return {
      async create(share) {
        const { shareId, thing, expiresAtSeconds } = share;
        if (share.tenant !== tenant) throw new RangeError("the share is another tenant's");
        await listings.add(shareEntry(shareId, thing), expiresAtSeconds);
        const command = new PutItemCommand({
          TableName: tableName,
          Item: marshall(share, { removeUndefinedValues: true }),
          ConditionExpression: "attribute_not_exists(shareId)",
        });
        try {
          await answerTo(`create share ${shareId}`, client.send(command));
        } catch (error) {
          if (!(error instanceof VersionConflictError)) throw error;
          throw new ConflictError(`there is a share ${shareId} already`, { cause: error });
        }
        // An erasure that came between both writes took the entry, and nothing would find the item again.
        if (await isListed(shareEntry(shareId, thing))) return;
        await removeItem(shareId);
        throw new NotFoundError("what was to be shared was erased meanwhile");
      },
      async get(shareId, nowMs) {
        const share = await find(shareId);
        return share && !isOver(share, nowMs) ? share : undefined;
      },
      list({ devicePrefix, ...request }, nowMs) {
        return listedPage(listings, sharesWith(devicePrefix), request, {
          load: async (shareIds) => (await load(shareIds)).filter((share) => !isOver(share, nowMs)),
          keyOf: ({ shareId, thing }) => shareEntry(shareId, thing),
        });
      },
      async removeOfDevice(deviceId, limit) {
        const { listing } = sharesOfDevice(deviceId);
        const entries = await listings.entries(sharesOfDevice(deviceId), limit + 1);
        for (const entry of entries.slice(0, limit)) {
          const shareId = listedId(entry);
          if (await find(shareId)) await removeItem(shareId);
          // Also one whose share has expired: it names the device.
          await listings.remove({ listing, entry });
        }
        return entries.length <= limit;
      },
      async remove(shareId) {
        const share = await find(shareId);
        if (!share) return false;
        const existed = await removeItem(shareId);
        await listings.remove(shareEntry(shareId, share.thing));
        return existed;
      },
    };
  };

/** The same table as whoever has a link reads it. */
export const dynamoShareLinks = (client: DynamoDBClient, tableName: string): ShareLinks => ({
  async find(shareId) {
    const command = new GetItemCommand({ TableName: tableName, Key: keyOf(shareId), ConsistentRead: true });
    const { Item: item } = await answerTo(`read share ${shareId}`, client.send(command));
    return item && toShare(item);
  },
});

const keyOf = (shareId: string): Item => ({ shareId: { S: shareId } });

const toShare = (item: Item): Share => unmarshall(item) as Share;
