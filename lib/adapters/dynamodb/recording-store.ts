import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Clock } from "../../core/clock.ts";
import { VersionConflictError } from "../../core/errors.ts";
import {
  GRAVE_KEPT_SECONDS,
  type Grave,
  type Recording,
  type RecordingStore,
} from "../../core/recording/recording.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { recordingEntry, recordingsRange } from "../listing-keys.ts";
import { idInKey, tenantKey } from "../tenant-key.ts";
import { type Item, readItems } from "./batch.ts";
import { dynamoListings, listedPage } from "./listings.ts";

export interface RecordingTableOptions {
  /** Of a function that makes, removes or lists recordings. */
  readonly listingsTableName?: string;
  readonly now?: Clock;
  readonly patience?: Patience;
}

/**
 * The recordings table: a recording's fields as attributes; its positions are in the tracks table. In place
 * of a deleted one its grave, `{ recordingId, epoch, isGrave, isSwept }`, where `epoch` is the one of the
 * next recording; it expires once it is swept. In the table `recordingId` is `<tenant>/<recording id>`.
 */
export const dynamoRecordingStore =
  (
    client: DynamoDBClient,
    tableName: string,
    { listingsTableName, now = Date.now, patience = REAL_PATIENCE }: RecordingTableOptions = {},
  ): OfTenant<RecordingStore> =>
  (tenant) => {
    const listings = dynamoListings(client, listingsTableName, tenant);
    const keyOf = (recordingId: string): Item => ({ recordingId: { S: tenantKey(tenant, recordingId) } });
    const toStored = (item: Item): Stored => {
      const { isGrave, isSwept, epoch = 0, recordingId: key, ...fields } = unmarshall(item);
      if (isGrave) return { epoch, grave: { epoch: epoch - 1, isSwept } };
      const recordingId = idInKey(tenant, key);
      return { epoch, recording: { recordingId, ...fields, ...(epoch > 0 && { epoch }) } as Recording };
    };

    const read = async (recordingId: string): Promise<Stored | undefined> => {
      const command = new GetItemCommand({
        TableName: tableName,
        Key: keyOf(recordingId),
        ConsistentRead: true,
      });
      const { Item: item } = await answerTo(`read recording ${recordingId}`, client.send(command));
      return item && toStored(item);
    };

    /** Puts an item in place of one of an epoch; whether that was there. */
    const replace = async (
      epoch: number,
      { recordingId, ...fields }: { readonly recordingId: string; readonly epoch: number },
      condition = "epoch = :epoch",
    ): Promise<boolean> => {
      const input: PutItemCommandInput = {
        TableName: tableName,
        Item: { ...marshall(fields, { removeUndefinedValues: true }), ...keyOf(recordingId) },
        ConditionExpression: condition,
        ExpressionAttributeValues: { ":epoch": { N: String(epoch) } },
      };
      try {
        await answerTo("save a recording", client.send(new PutItemCommand(input)));
        return true;
      } catch (error) {
        if (error instanceof VersionConflictError) return false;
        throw error;
      }
    };

    return {
      async put(recording) {
        const { recordingId, epoch = 0 } = recording;
        await listings.add(recordingEntry(recordingId, epoch));
        const condition = epoch === 0 ? "attribute_not_exists(epoch) OR epoch = :epoch" : "epoch = :epoch";
        if (await replace(epoch, { ...recording, epoch }, condition)) return;
        throw new VersionConflictError(`recording ${recordingId} was deleted while it was imported`);
      },
      async get(recordingId) {
        return (await read(recordingId))?.recording;
      },
      async epochOf(recordingId) {
        const stored = await read(recordingId);
        return { epoch: stored?.epoch ?? 0, ...(stored?.grave && { grave: stored.grave }) };
      },
      list(request) {
        return listedPage(listings, recordingsRange(), request, {
          async load(recordingIds) {
            const items = await readItems(client, tableName, recordingIds.map(keyOf), patience);
            return items.flatMap((item) => toStored(item).recording ?? []);
          },
          keyOf: ({ recordingId, epoch = 0 }) => recordingEntry(recordingId, epoch),
        });
      },
      async bury(recordingId) {
        for (;;) {
          const stored = await read(recordingId);
          if (!stored?.recording) return stored?.grave;
          const { epoch } = stored;
          const grave = { recordingId, epoch: epoch + 1, isGrave: true, isSwept: false };
          const condition = epoch === 0 ? "attribute_not_exists(epoch) OR epoch = :epoch" : undefined;
          if (await replace(epoch, grave, condition)) return { epoch, isSwept: false };
        }
      },
      async swept(recordingId, { epoch: buried }) {
        const epoch = buried + 1;
        const expiresAtSeconds = Math.ceil(now() / 1000) + GRAVE_KEPT_SECONDS;
        const grave = { recordingId, epoch, isGrave: true, isSwept: true, expiresAtSeconds };
        // Of a recording that was imported since the place in the list stays.
        if (await replace(epoch, grave, "epoch = :epoch AND attribute_exists(isGrave)")) {
          await listings.remove(recordingEntry(recordingId, buried));
        }
      },
    };
  };

interface Stored {
  /** Which the next recording has, or this one. */
  readonly epoch: number;
  readonly recording?: Recording;
  readonly grave?: Grave;
}
