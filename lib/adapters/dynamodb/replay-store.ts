import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { belongsTo } from "../../core/access/device-prefix.ts";
import type { Clock } from "../../core/clock.ts";
import { devicesOf, type Replay } from "../../core/replay/replay.ts";
import { expiryOf, type ReplayStore } from "../../core/replay/replay-store.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { type ListingKey, replayEntry, replaysWith } from "../listing-keys.ts";
import { idInKey, tenantKey } from "../tenant-key.ts";
import { type Item, readItems } from "./batch.ts";
import { dynamoListings, listedPage } from "./listings.ts";
import { onVersion } from "./version-condition.ts";

export interface ReplayTableOptions {
  /** Of a function that makes or lists replays. */
  readonly listingsTableName?: string;
  /** How long a replay is kept that does not play. */
  readonly keptDays?: number;
  readonly now?: Clock;
  readonly patience?: Patience;
}

/**
 * The replays table: a replay's fields as attributes, nested ones as maps and lists; `replayId` is
 * `<tenant>/<replay id>`. `expiresAtSeconds` is its time to live, which the table may heed late; a replay
 * that plays has none. It is listed before its first save, and again whenever it begins or ceases to play,
 * because then its entry expires at another time.
 */
export const dynamoReplayStore =
  (
    client: DynamoDBClient,
    tableName: string,
    { listingsTableName, keptDays, now = Date.now, patience = REAL_PATIENCE }: ReplayTableOptions = {},
  ): OfTenant<ReplayStore> =>
  (tenant) => {
    const listings = dynamoListings(client, listingsTableName, tenant);
    const keyOf = (replayId: string): Item => ({ replayId: { S: tenantKey(tenant, replayId) } });
    const toReplay = (item: Item): Replay | undefined => {
      const { expiresAtSeconds, replayId, ...fields } = unmarshall(item);
      if (expiresAtSeconds !== undefined && now() >= expiresAtSeconds * 1000) return undefined;
      return { replayId: idInKey(tenant, replayId), ...fields } as Replay;
    };
    const read = async (replayId: string): Promise<Replay | undefined> => {
      const command = new GetItemCommand({
        TableName: tableName,
        Key: keyOf(replayId),
        ConsistentRead: true,
      });
      const { Item: item } = await answerTo(`read replay ${replayId}`, client.send(command));
      return item && toReplay(item);
    };
    return {
      get: read,
      async save(replay) {
        const saved = { ...replay, version: replay.version + 1 };
        const expiresAtSeconds = expiryOf(replay, keptDays);
        if (replay.version === 0 || replay.starting || expiresAtSeconds !== undefined) {
          await listings.add(entryOf(replay), expiresAtSeconds);
        }
        const command = new PutItemCommand({
          TableName: tableName,
          Item: {
            ...marshall({ ...saved, expiresAtSeconds }, { removeUndefinedValues: true }),
            ...keyOf(replay.replayId),
          },
          ...onVersion("replayId", replay.version),
        });
        await answerTo(`save replay ${replay.replayId} over version ${replay.version}`, client.send(command));
        return structuredClone(saved);
      },
      list({ devicePrefix, ...request }) {
        return listedPage(listings, replaysWith(devicePrefix), request, {
          async load(replayIds) {
            const items = await readItems(client, tableName, replayIds.map(keyOf), patience);
            const replays = items.flatMap((item) => toReplay(item) ?? []);
            return replays.filter(
              (replay) =>
                devicePrefix === undefined ||
                devicesOf(replay).every((deviceId) => belongsTo(devicePrefix, deviceId)),
            );
          },
          keyOf: entryOf,
        });
      },
      async remove(replayId) {
        const replay = await read(replayId);
        const command = new DeleteItemCommand({ TableName: tableName, Key: keyOf(replayId) });
        await answerTo(`delete replay ${replayId}`, client.send(command));
        if (replay) await listings.remove(entryOf(replay));
      },
    };
  };

const entryOf = (replay: Replay): ListingKey => replayEntry(replay.replayId, devicesOf(replay));
