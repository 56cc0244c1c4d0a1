import { type DynamoDBClient, PutItemCommand, type WriteRequest } from "@aws-sdk/client-dynamodb";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import type { TenantId } from "../../core/tenant/tenant-id.ts";
import type {
  LatePart,
  RecordMark,
  SealedSegment,
  StoredSegment,
  TrackId,
  TrackStore,
} from "../../core/track/track-store.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import {
  comesBefore,
  overlaps,
  partsOfKey,
  reachingInto,
  segmentKey,
  segmentKeyRanges,
} from "../segment-key.ts";
import { tenantKey } from "../tenant-key.ts";
import { type Item, writeItems } from "./batch.ts";
import { LATE_PART_BYTES } from "./item-budget.ts";
import { type PartitionQuery, queryItems } from "./query-items.ts";

const DELETES_AT_ONCE = 100;

/**
 * The tracks table: one item per segment, `{ trackId, segmentKey, lastTimestampMs, positionCount, data }`,
 * where `trackId` is `<tenant>/<track id>`, and what else a sealed segment or a late part has. Sealed
 * segments and late parts are two ranges of keys in one partition, each in the order of time.
 */
export const dynamoTrackStore =
  (client: DynamoDBClient, tableName: string, patience: Patience = REAL_PATIENCE): OfTenant<TrackStore> =>
  (tenant) => {
    const query = (
      trackId: TrackId,
      { from, to }: { readonly from: string; readonly to: string },
      more: Pick<PartitionQuery, "newestFirst" | "projection"> = {},
    ): AsyncGenerator<Item> =>
      queryItems(client, {
        tableName,
        partition: { name: "trackId", value: partitionOf(tenant, trackId) },
        sort: { name: "segmentKey", from: { S: from }, to: { S: to } },
        ...more,
      });

    const removeSome = async (trackId: TrackId, limit: number): Promise<boolean> => {
      let requests: WriteRequest[] = [];
      let count = 0;
      let isLeft = false;
      for await (const Key of query(trackId, { from: "L", to: "T" }, { projection: "trackId, segmentKey" })) {
        isLeft = count === limit;
        if (isLeft) break;
        count++;
        requests.push({ DeleteRequest: { Key } });
        if (requests.length < DELETES_AT_ONCE) continue;
        await writeItems(client, tableName, requests, patience);
        requests = [];
      }
      await writeItems(client, tableName, requests, patience);
      return !isLeft;
    };

    return {
      latePartBytes: LATE_PART_BYTES,
      async put(trackId, segments) {
        // One call can't name a key twice; the same key is the same segment.
        const items = new Map(
          segments.map((segment) => [segmentKey(segment), sealedItem(tenant, trackId, segment)]),
        );
        if (items.size === 1) {
          const [Item] = items.values();
          const command = new PutItemCommand({ TableName: tableName, Item });
          await answerTo(`write ${tableName}`, client.send(command));
          return;
        }
        const requests = [...items.values()].map((Item): WriteRequest => ({ PutRequest: { Item } }));
        await writeItems(client, tableName, requests, patience);
      },
      async putLate(trackId, part) {
        const command = new PutItemCommand({
          TableName: tableName,
          Item: lateItem(tenant, trackId, part),
          ...(part.revision === 0
            ? { ConditionExpression: "attribute_not_exists(trackId)" }
            : {
                ConditionExpression: "revision = :read",
                ExpressionAttributeValues: { ":read": { N: String(part.revision) } },
              }),
        });
        await answerTo(`write late positions of ${trackId}`, client.send(command));
      },
      async *segments(trackId, range) {
        if (!(range.fromMs <= range.toMs)) return;
        const { sealedBefore, sealed, late } = segmentKeyRanges(range);
        const ranges = [
          segmentsOf(query(trackId, sealed)),
          segmentsOf(query(trackId, late)),
          ...(sealedBefore ? [ascending(query(trackId, sealedBefore, { newestFirst: true }))] : []),
        ];
        for await (const segment of mergeAscending(ranges)) if (overlaps(segment, range)) yield segment;
      },
      async removeSegments(trackId, segments) {
        const keys = new Set(segments.map(segmentKey));
        const requests = [...keys].map(
          (key): WriteRequest => ({
            DeleteRequest: { Key: { trackId: partitionOf(tenant, trackId), segmentKey: { S: key } } },
          }),
        );
        await writeItems(client, tableName, requests, patience);
      },
      removeSome,
      async remove(trackId) {
        await removeSome(trackId, Number.POSITIVE_INFINITY);
      },
    };
  };

const partitionOf = (tenant: TenantId, trackId: TrackId) => ({ S: tenantKey(tenant, trackId) });

const commonItem = (tenant: TenantId, trackId: TrackId, segment: StoredSegment): Item => ({
  trackId: partitionOf(tenant, trackId),
  segmentKey: { S: segmentKey(segment) },
  lastTimestampMs: { N: String(segment.lastTimestampMs) },
  positionCount: { N: String(segment.positionCount) },
  data: { B: segment.data },
});

const sealedItem = (tenant: TenantId, trackId: TrackId, segment: SealedSegment): Item => ({
  ...commonItem(tenant, trackId, segment),
  ...(segment.sealedAfterMs !== undefined && { afterMs: { N: String(segment.sealedAfterMs) } }),
  ...(segment.sealedBy && { sealedBy: markText(segment.sealedBy) }),
});

const lateItem = (tenant: TenantId, trackId: TrackId, part: LatePart): Item => ({
  ...commonItem(tenant, trackId, part),
  firstTimestampMs: { N: String(part.firstTimestampMs) },
  revision: { N: String(part.revision + 1) },
  ...(part.bringers.length > 0 && { bringers: { B: part.bringers } }),
  ...(part.newestBringer && { newest: markText(part.newestBringer) }),
});

const markText = ({ stream, sequenceNumber }: RecordMark) => ({ S: `${stream} ${sequenceNumber}` });

const toMark = (text: string): RecordMark => {
  const [stream = "", sequenceNumber = ""] = text.split(" ");
  return { stream, sequenceNumber };
};

const toSegment = (item: Item): StoredSegment => {
  const { kind, timestampMs, rest } = partsOfKey(String(item.segmentKey.S));
  const run = {
    lastTimestampMs: Number(item.lastTimestampMs.N),
    positionCount: Number(item.positionCount.N),
    data: item.data.B ?? new Uint8Array(),
  };
  if (kind === "late") {
    return {
      ...run,
      kind,
      part: Number(rest),
      revision: Number(item.revision.N),
      firstTimestampMs: Number(item.firstTimestampMs.N),
      bringers: item.bringers?.B ?? new Uint8Array(),
      ...(item.newest?.S !== undefined && { newestBringer: toMark(item.newest.S) }),
    };
  }
  return {
    ...run,
    kind,
    firstTimestampMs: timestampMs,
    digest: rest,
    ...(item.afterMs?.N !== undefined && { sealedAfterMs: Number(item.afterMs.N) }),
    ...(item.sealedBy?.S !== undefined && { sealedBy: toMark(item.sealedBy.S) }),
  };
};

async function* segmentsOf(items: AsyncIterable<Item>): AsyncGenerator<StoredSegment> {
  for await (const item of items) yield toSegment(item);
}

async function* ascending(newestFirst: AsyncIterable<Item>): AsyncGenerator<StoredSegment> {
  yield* await reachingInto(sealedOf(newestFirst));
}

async function* sealedOf(items: AsyncIterable<Item>): AsyncGenerator<SealedSegment> {
  for await (const segment of segmentsOf(items)) if (segment.kind === "sealed") yield segment;
}

/**
 * Merges ascending ranges; the first page of each is fetched at once, later ones when the range is the next
 * to give.
 */
async function* mergeAscending(
  ranges: readonly AsyncGenerator<StoredSegment>[],
): AsyncGenerator<StoredSegment> {
  const heads = await Promise.all(ranges.map(nextOf));
  for (;;) {
    let first = -1;
    for (const [index, head] of heads.entries()) {
      const best = heads[first];
      if (head && (!best || comesBefore(head, best))) first = index;
    }
    const segment = heads[first];
    if (!segment) return;
    yield segment;
    heads[first] = await nextOf(ranges[first]);
  }
}

const nextOf = async (range: AsyncGenerator<StoredSegment>): Promise<StoredSegment | undefined> => {
  const next = await range.next();
  return next.done ? undefined : next.value;
};
