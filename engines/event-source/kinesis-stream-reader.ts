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
import { IteratorExpiredError, type Shard, type StreamReader } from "./stream-reader.ts";

/*
 * Reads a Kinesis stream, or kinesalite. Parents come from ListShards, since kinesalite leaves ChildShards out of GetRecords.
 * A checkpoint that the stream does not know (an older stream had the same name) means: from the oldest record.
 */
export const kinesisStreamReader = (
  client: KinesisClient,
  { streamName, streamArn }: { readonly streamName: string; readonly streamArn: string },
): StreamReader => {
  const oldestIterator = (ShardId: string) =>
    client.send(
      new GetShardIteratorCommand({
        StreamName: streamName,
        ShardId,
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
  const iteratorAfter = async (ShardId: string, StartingSequenceNumber: string) => {
    try {
      return await client.send(
        new GetShardIteratorCommand({
          StreamName: streamName,
          ShardId,
          ShardIteratorType: "AFTER_SEQUENCE_NUMBER",
          StartingSequenceNumber,
        }),
      );
    } catch (error) {
      if (error instanceof InvalidArgumentException) return oldestIterator(ShardId);
      throw error;
    }
  };

  return {
    streamArn,

    async createdAtMs() {
      const command = new DescribeStreamSummaryCommand({ StreamName: streamName });
      const createdAt = (await client.send(command)).StreamDescriptionSummary?.StreamCreationTimestamp;
      if (!createdAt) throw new Error(`nobody says when stream ${streamName} was created`);
      return createdAt.getTime();
    },

    async listShards() {
      const shards: KinesisShard[] = [];
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new ListShardsCommand(NextToken ? { NextToken } : { StreamName: streamName }),
        );
        shards.push(...(page.Shards ?? []));
        NextToken = page.NextToken;
      } while (NextToken);
      return shards.map(toShard);
    },

    async openIterator(shardId, afterSequenceNumber) {
      const { ShardIterator } = await (afterSequenceNumber
        ? iteratorAfter(shardId, afterSequenceNumber)
        : oldestIterator(shardId));
      if (!ShardIterator) throw new Error(`no iterator for shard ${shardId} of stream ${streamName}`);
      return ShardIterator;
    },

    async getRecords(ShardIterator, Limit) {
      try {
        const { Records = [], NextShardIterator } = await client.send(
          new GetRecordsCommand({ ShardIterator, Limit }),
        );
        return { records: Records.map(toRecord), nextIterator: NextShardIterator };
      } catch (error) {
        if (error instanceof ExpiredIteratorException) {
          throw new IteratorExpiredError(error.message, { cause: error });
        }
        throw error;
      }
    },
  };
};

const toShard = ({ ShardId = "", ParentShardId, AdjacentParentShardId }: KinesisShard): Shard => ({
  shardId: ShardId,
  parentShardIds: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
});

const toRecord = (record: KinesisRecord): SourceRecord => ({
  sequenceNumber: record.SequenceNumber ?? "",
  partitionKey: record.PartitionKey ?? "",
  data: record.Data ?? new Uint8Array(),
  arrivedAtMs: record.ApproximateArrivalTimestamp?.getTime() ?? 0,
});
