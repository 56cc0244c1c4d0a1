import { type DynamoDBClient, PutItemCommand, type WriteRequest } from "@aws-sdk/client-dynamodb";
import type { StoredSegment, TrackId, TrackStore } from "../../core/track/track-store.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { comesBefore, overlaps, segmentKey, segmentKeyRanges, timestampOfKey } from "../segment-key.ts";
import { type Item, writeItems } from "./batch.ts";
import { type PartitionQuery, queryItems } from "./query-items.ts";

const DELETES_AT_ONCE = 100;

/**
 * The tracks table: one item per segment, `{ trackId, segmentKey, lastTimestampMs, positionCount, data }`. Sealed and late segments
 * are two ranges of keys in one partition, each in the order of time; the first timestamp is in the key.
 */
export const dynamoTrackStore = (
  client: DynamoDBClient,
  tableName: string,
  patience: Patience = REAL_PATIENCE,
): TrackStore => {
  const query = (
    trackId: TrackId,
    from: string,
    to: string,
    more: Pick<PartitionQuery, "last" | "projection"> = {},
  ): AsyncGenerator<Item> =>
    queryItems(client, {
      tableName,
      partition: { name: "trackId", value: { S: trackId } },
      sort: { name: "segmentKey", from: { S: from }, to: { S: to } },
      ...more,
    });

  const removeSome = async (trackId: TrackId, limit: number): Promise<boolean> => {
    let requests: WriteRequest[] = [];
    let count = 0;
    let isLeft = false;
    for await (const Key of query(trackId, "L", "T", { projection: "trackId, segmentKey" })) {
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
    async put(trackId, segments) {
      // One call may not name a key twice; the same key is the same segment.
      const items = new Map(segments.map((segment) => [segmentKey(segment), toItem(trackId, segment)]));
      if (items.size === 1) {
        const [Item] = items.values();
        const command = new PutItemCommand({ TableName: tableName, Item });
        await answerTo(`write ${tableName}`, client.send(command));
        return;
      }
      const requests = [...items.values()].map((Item): WriteRequest => ({ PutRequest: { Item } }));
      await writeItems(client, tableName, requests, patience);
    },
    async *segments(trackId, range) {
      if (!(range.fromMs <= range.toMs)) return;
      const { sealedBefore, sealed, late } = segmentKeyRanges(range);
      const ranges = [query(trackId, sealed.from, sealed.to), query(trackId, late.from, late.to)];
      if (sealedBefore) ranges.push(query(trackId, sealedBefore.from, sealedBefore.to, { last: true }));
      for await (const segment of mergeAscending(ranges)) if (overlaps(segment, range)) yield segment;
    },
    async removeSegments(trackId, segments) {
      const keys = new Set(segments.map(segmentKey));
      const requests = [...keys].map(
        (key): WriteRequest => ({
          DeleteRequest: { Key: { trackId: { S: trackId }, segmentKey: { S: key } } },
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

const toItem = (trackId: TrackId, segment: StoredSegment): Item => ({
  trackId: { S: trackId },
  segmentKey: { S: segmentKey(segment) },
  lastTimestampMs: { N: String(segment.lastTimestampMs) },
  positionCount: { N: String(segment.positionCount) },
  ...(segment.sequenceNumber !== undefined && { sequenceNumber: { S: segment.sequenceNumber } }),
  data: { B: segment.data },
});

const toSegment = (item: Item): StoredSegment => {
  const key = String(item.segmentKey.S);
  return {
    kind: key.startsWith("S#") ? "sealed" : "late",
    firstTimestampMs: timestampOfKey(key),
    lastTimestampMs: Number(item.lastTimestampMs.N),
    positionCount: Number(item.positionCount.N),
    ...(item.sequenceNumber?.S !== undefined && { sequenceNumber: item.sequenceNumber.S }),
    data: item.data.B ?? new Uint8Array(),
  };
};

/** Merges ascending ranges; the first page of each is fetched at once, later ones when the range is the next to give. */
async function* mergeAscending(ranges: readonly AsyncGenerator<Item>[]): AsyncGenerator<StoredSegment> {
  const heads = await Promise.all(ranges.map(nextSegment));
  for (;;) {
    let first = -1;
    for (const [index, head] of heads.entries()) {
      const best = heads[first];
      if (head && (!best || comesBefore(head, best))) first = index;
    }
    const segment = heads[first];
    if (!segment) return;
    yield segment;
    heads[first] = await nextSegment(ranges[first]);
  }
}

const nextSegment = async (range: AsyncGenerator<Item>): Promise<StoredSegment | undefined> => {
  const next = await range.next();
  return next.done ? undefined : toSegment(next.value);
};
