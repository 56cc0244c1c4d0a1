import { backoffMilliseconds } from "./backoff.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";
import { Checkpointer } from "./checkpointer.ts";
import { type DeliveryContext, deliverBatch } from "./deliver-batch.ts";
import { Lane, laneOf } from "./lane.ts";
import { IteratorExpiredError, type RecordsPage, type StreamReader } from "./stream-reader.ts";

export interface ShardConsumerOptions extends DeliveryContext {
  readonly reader: StreamReader;
  readonly checkpoints: CheckpointStore;
  /** Where the shard was left; one without a sequence number is read from its oldest record. */
  readonly checkpoint: Checkpoint;
  /** The stream was deleted: what was read of it is delivered, and no more is read. */
  readonly streamGone: AbortSignal;
  /** How long after a poll that found less than a batch the next one comes. */
  readonly pollMilliseconds: number;
  /** Told of what goes wrong with reading, which is tried again for ever. */
  onReadError(shardId: string, error: unknown): void;
}

/** Kinesis gives no more at once. */
const MAXIMUM_PAGE_RECORDS = 10_000;
/** How soon to look again whether what was read has been settled. */
const ROOM_MILLISECONDS = 120;
/** Longest wait between attempts to read. */
const LONGEST_BACKOFF_MILLISECONDS = 5_000;

/**
 * Reads a shard and feeds its lanes. Resolves with true when the shard or its stream has ended and all that was read is settled and saved, with
 * false when it was stopped before. Reading runs ahead of the function by a bounded number of records.
 */
export const consumeShard = async (options: ShardConsumerOptions): Promise<boolean> => {
  const { checkpoint: start, checkpoints, shardId, sleep, stopping, trigger } = options;
  const checkpointer = new Checkpointer(checkpoints, shardId, sleep, start);
  const lanes = Array.from(
    { length: trigger.parallelizationFactor },
    () =>
      new Lane({
        ...options,
        limits: trigger,
        deliver: (batch) => deliverBatch(batch, options, (settled) => checkpointer.settle(settled)),
      }),
  );
  const delivering = lanes.map((lane) => lane.run());
  const feeding = feed(options, start.sequenceNumber, checkpointer, lanes).then(() => {
    for (const lane of lanes) lane.end();
  });
  try {
    await Promise.all([feeding, ...delivering]);
    await checkpointer.finish(stopping);
    return !stopping.aborted;
  } catch (error) {
    if (!stopping.aborted) throw error;
    // Lanes with a batch in flight end by themselves: after it, or when it is aborted.
    await Promise.allSettled([feeding, ...delivering]);
    await checkpointer.flush(stopping);
    return false;
  }
};

/** Reads to the end of the shard, or of its stream, handing each record to its lane. Rejects when stopped. */
const feed = async (
  options: ShardConsumerOptions,
  startAfter: string | undefined,
  checkpointer: Checkpointer,
  lanes: readonly Lane[],
): Promise<void> => {
  const { pollMilliseconds, sleep, stopping, streamGone, trigger } = options;
  const pause = async (milliseconds: number): Promise<void> => {
    await sleep(milliseconds, AbortSignal.any([stopping, streamGone])).catch(() => {});
  };
  // Enough for every lane to find its next batch waiting, and for a page to be worth its request.
  const ahead = Math.max(trigger.batchSize * lanes.length * 2, 1_000);
  let lastRead = startAfter;
  let iterator: string | undefined;
  let errors = 0;
  for (;;) {
    stopping.throwIfAborted();
    if (streamGone.aborted) return;
    const room = ahead - checkpointer.unsettled;
    if (room <= 0) {
      await pause(Math.min(pollMilliseconds, ROOM_MILLISECONDS));
      continue;
    }
    const limit = Math.min(room, MAXIMUM_PAGE_RECORDS);
    let page: RecordsPage;
    try {
      iterator ??= await options.reader.openIterator(options.shardId, lastRead);
      page = await options.reader.getRecords(iterator, limit);
      errors = 0;
    } catch (error) {
      // Expired iterators come from a machine that slept, and are renewed at once; the rest, throttling above all, is waited out.
      iterator = undefined;
      errors++;
      if (error instanceof IteratorExpiredError && errors === 1) continue;
      options.onReadError(options.shardId, error);
      await pause(backoffMilliseconds(errors, LONGEST_BACKOFF_MILLISECONDS));
      continue;
    }
    const { records, nextIterator } = page;
    checkpointer.read(records);
    for (const record of records) lanes[laneOf(record.partitionKey, lanes.length)].push(record);
    lastRead = records.at(-1)?.sequenceNumber ?? lastRead;
    if (!nextIterator) return;
    iterator = nextIterator;
    // Less than could have come is all that there is: what comes meanwhile makes the next batch.
    if (records.length < Math.min(limit, trigger.batchSize)) await pause(pollMilliseconds);
  }
};
