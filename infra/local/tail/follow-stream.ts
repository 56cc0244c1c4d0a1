import { setTimeout as sleep } from "node:timers/promises";
import type { Place, StreamReader } from "../../../engines/event-source/stream-reader.ts";
import type { SourceRecord } from "../../../hosts/lambda-events/kinesis-event.ts";

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Called when the start is fixed on every shard: whatever is put from then on will be seen. */
  readonly onReady?: () => void;
  /** Receives the records of one shard in order; the next ones follow when it has resolved. */
  readonly onRecords: (records: readonly SourceRecord[]) => Promise<void>;
}

const POLL_MILLISECONDS = 100;
const WAIT_MILLISECONDS = 10_000;
const RECORDS_PER_READ = 1_000;

/**
 * Follows a stream from now on, all shards at once, and the shards that they are split or merged into. Ends
 * with the signal; rejects when the stream can no longer be read.
 */
export const followStream = async (reader: StreamReader, options: FollowOptions): Promise<void> => {
  const { signal, onRecords } = options;
  const followed = new Set<string>();

  const follow = async (partitionId: string, begin: Place, settled?: () => void): Promise<void> => {
    let place = begin;
    while (!signal.aborted) {
      const { records, isClosed } = await reader.read(partitionId, place, RECORDS_PER_READ);
      settled?.();
      const last = records.at(-1);
      if (last) {
        await onRecords(records);
        place = { after: last.sequenceNumber };
      }
      if (isClosed) return signal.aborted ? undefined : followNew();
      if (last) continue;
      if (reader.waitForMore) await reader.waitForMore(partitionId, place, WAIT_MILLISECONDS, signal);
      else await sleep(POLL_MILLISECONDS, undefined, { signal }).catch(() => {});
    }
  };

  // The shard has ended: it was split or merged, and continues in its children from their start.
  const followNew = async (): Promise<void> => {
    const added = (await reader.listPartitions()).filter(({ partitionId }) => !followed.has(partitionId));
    for (const { partitionId } of added) followed.add(partitionId);
    await Promise.all(added.map(({ partitionId }) => follow(partitionId, "oldest")));
  };

  const partitions = await reader.listPartitions();
  for (const { partitionId } of partitions) followed.add(partitionId);
  let unsettled = partitions.length;
  const following = partitions.map(({ partitionId }) => {
    const settledOnce = Promise.withResolvers<void>();
    settledOnce.promise.then(() => {
      if (--unsettled === 0) options.onReady?.();
    });
    return follow(partitionId, "newest", settledOnce.resolve);
  });
  await Promise.all(following);
};
