import {
  DescribeStreamSummaryCommand,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  InvalidArgumentException,
  type KinesisClient,
  type _Record as KinesisRecord,
  type Shard as KinesisShard,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import {
  isSamePlace,
  type Partition,
  type Place,
  type RecordsPage,
  type StreamReader,
} from "./stream-reader.ts";

/*
 * Reads a Kinesis stream, or kinesalite. Parents come from ListShards, since kinesalite leaves ChildShards
 * out of GetRecords. A sequence number that the stream does not know (an older stream had the same name)
 * means: from the oldest record.
 *
 * Kinesis reads by iterators, which go on through stretches without records and expire after five minutes.
 * The next one of each shard is kept with the place that it stands for, and used when the same place is asked
 * for again.
 */
export const kinesisStreamReader = (
  client: KinesisClient,
  { streamName, streamArn }: { readonly streamName: string; readonly streamArn: string },
): StreamReader => {
  const next = new Map<string, { readonly place: Place; readonly iterator: string }>();

  const open = async (ShardId: string, place: Place): Promise<string> => {
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamName: streamName, ShardId, ...typeOf(place) }),
    );
    if (!ShardIterator) throw new Error(`no iterator for shard ${ShardId} of stream ${streamName}`);
    return ShardIterator;
  };
  const openAt = (shardId: string, place: Place): Promise<string> =>
    open(shardId, place).catch((error: unknown) => {
      if (error instanceof InvalidArgumentException && typeof place === "object") {
        return open(shardId, "oldest");
      }
      throw error;
    });

  const readFrom = async (
    shardId: string,
    place: Place,
    iterator: string,
    Limit: number,
  ): Promise<RecordsPage> => {
    const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit }));
    const records = (answer.Records ?? []).map(toRecord);
    const last = records.at(-1);
    const reached = last ? { after: last.sequenceNumber } : place;
    if (answer.NextShardIterator) next.set(shardId, { place: reached, iterator: answer.NextShardIterator });
    return { records, isClosed: !answer.NextShardIterator };
  };

  return {
    streamArn,

    async createdAtMs() {
      const command = new DescribeStreamSummaryCommand({ StreamName: streamName });
      const createdAt = (await client.send(command)).StreamDescriptionSummary?.StreamCreationTimestamp;
      if (!createdAt) throw new Error(`nobody says when stream ${streamName} was created`);
      return createdAt.getTime();
    },

    async listPartitions() {
      const shards: KinesisShard[] = [];
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new ListShardsCommand(NextToken ? { NextToken } : { StreamName: streamName }),
        );
        shards.push(...(page.Shards ?? []));
        NextToken = page.NextToken;
      } while (NextToken);
      return shards.map(toPartition);
    },

    async read(shardId, place, limit) {
      const kept = next.get(shardId);
      // Whatever happens to this request, its iterator is not used again.
      next.delete(shardId);
      if (kept && isSamePlace(kept.place, place)) {
        try {
          return await readFrom(shardId, place, kept.iterator, limit);
        } catch (error) {
          // It is too old, as on a machine that slept, or of an earlier stream of this name.
          const isStale =
            error instanceof ExpiredIteratorException || error instanceof InvalidArgumentException;
          if (!isStale) throw error;
        }
      }
      return readFrom(shardId, place, await openAt(shardId, place), limit);
    },
  };
};

const typeOf = (place: Place) => {
  if (place === "oldest") return { ShardIteratorType: "TRIM_HORIZON" as const };
  if (place === "newest") return { ShardIteratorType: "LATEST" as const };
  return { ShardIteratorType: "AFTER_SEQUENCE_NUMBER" as const, StartingSequenceNumber: place.after };
};

const toPartition = ({ ShardId = "", ParentShardId, AdjacentParentShardId }: KinesisShard): Partition => ({
  partitionId: ShardId,
  parentIds: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
});

const toRecord = (record: KinesisRecord): SourceRecord => ({
  sequenceNumber: record.SequenceNumber ?? "",
  partitionKey: record.PartitionKey ?? "",
  data: record.Data ?? new Uint8Array(),
  arrivedAtMs: record.ApproximateArrivalTimestamp?.getTime() ?? 0,
});
