import { setTimeout as sleep } from "node:timers/promises";
import { GetShardIteratorCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import { kinesisStreamReader } from "../../../engines/event-source/kinesis-stream-reader.ts";
import { IteratorExpiredError } from "../../../engines/event-source/stream-reader.ts";
import type { SourceRecord } from "../../../hosts/lambda-events/kinesis-event.ts";

export interface FollowOptions {
  readonly streamName: string;
  readonly signal: AbortSignal;
  /** Called when the start is fixed on every shard: whatever is put from then on will be seen. */
  readonly onReady?: () => void;
  /** Receives the records of one shard in order; the next ones follow when it has resolved. */
  readonly onRecords: (records: readonly SourceRecord[]) => Promise<void>;
}

const POLL_MILLISECONDS = 100;
const RECORDS_PER_READ = 1_000;

/**
 * Follows a stream from now on, all shards at once, and the shards that they are split or merged into. Ends
 * with the signal; rejects when the stream can no longer be read.
 */
export const followStream = async (client: KinesisClient, options: FollowOptions): Promise<void> => {
  const { streamName, signal, onRecords } = options;
  const reader = kinesisStreamReader(client, { streamName, streamArn: streamName });
  const followed = new Set<string>();

  const latest = async (shardId: string): Promise<string | undefined> => {
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamName: streamName, ShardId: shardId, ShardIteratorType: "LATEST" }),
    );
    return ShardIterator;
  };

  const follow = async (shardId: string, begin: string | undefined): Promise<void> => {
    let iterator = begin;
    let lastSeen: string | undefined;
    while (iterator && !signal.aborted) {
      try {
        const page = await reader.getRecords(iterator, RECORDS_PER_READ);
        if (page.records.length > 0) await onRecords(page.records);
        lastSeen = page.records.at(-1)?.sequenceNumber ?? lastSeen;
        iterator = page.nextIterator;
        if (page.records.length === 0) await sleep(POLL_MILLISECONDS, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof IteratorExpiredError)) throw error;
        iterator = lastSeen ? await reader.openIterator(shardId, lastSeen) : await latest(shardId);
      }
    }
    if (!signal.aborted) await followNewShards();
  };

  // The shard has ended: it was split or merged, and continues in its children from their start.
  const followNewShards = async (): Promise<void> => {
    const shards = await reader.listShards();
    const added = shards.filter(({ shardId }) => !followed.has(shardId));
    for (const { shardId } of added) followed.add(shardId);
    await Promise.all(added.map(async ({ shardId }) => follow(shardId, await reader.openIterator(shardId))));
  };

  const shards = await reader.listShards();
  for (const { shardId } of shards) followed.add(shardId);
  const begun = await Promise.all(
    shards.map(async ({ shardId }) => ({ shardId, begin: await latest(shardId) })),
  );
  options.onReady?.();
  await Promise.all(begun.map(({ shardId, begin }) => follow(shardId, begin)));
};
