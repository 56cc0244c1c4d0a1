import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListStreamsCommand,
} from "@aws-sdk/client-kinesis";
import { localClientSettings } from "../clients.ts";
import { kinesisStreamReader } from "../event-source/kinesis-stream-reader.ts";

/*
 * kinesalite forgets a record past its retention only when a reader meets it, and consumers read no old records. Without
 * this a stack that is left running grows for ever.
 */

/** As many as kinesalite takes. */
const RECORDS_PER_READ = 10_000;
/** An empty page may hold expired records or nothing at all; kinesalite does not tell which. */
const MAXIMUM_READS = 50;
const EVERY_MILLISECONDS = 10 * 60 * 1_000;

/** Reads each shard from its oldest record up to the first that is to be kept. */
export const expireRecords = async (client: KinesisClient, streamName: string): Promise<void> => {
  const shards = await kinesisStreamReader(client, { streamName, streamArn: streamName }).listShards();
  for (const { shardId } of shards) {
    const oldest = { StreamName: streamName, ShardId: shardId, ShardIteratorType: "TRIM_HORIZON" } as const;
    let iterator = (await client.send(new GetShardIteratorCommand(oldest))).ShardIterator;
    for (let reads = 0; iterator && reads < MAXIMUM_READS; reads++) {
      const page = await client.send(
        new GetRecordsCommand({ ShardIterator: iterator, Limit: RECORDS_PER_READ }),
      );
      if (page.Records?.length) break;
      iterator = page.NextShardIterator;
    }
  }
};

/** Does so for every stream, every ten minutes until it is stopped. */
export const keepExpiring = (endpoint: string): { stop(): void } => {
  const sweep = async (): Promise<void> => {
    const client = new KinesisClient(localClientSettings(endpoint));
    try {
      const { StreamNames = [] } = await client.send(new ListStreamsCommand({}));
      for (const streamName of StreamNames) await expireRecords(client, streamName);
    } catch {
      // A stream that is deleted meanwhile, or a server that closes: the next sweep will see.
    } finally {
      client.destroy();
    }
  };
  const timer = setInterval(sweep, EVERY_MILLISECONDS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
};
