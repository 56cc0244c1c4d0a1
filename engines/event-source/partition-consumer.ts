import { MAXIMUM_EVENT_BYTES } from "../../hosts/lambda-events/kinesis-event.ts";
import { backoffMilliseconds } from "../backoff.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";
import { Checkpointer } from "./checkpointer.ts";
import { type DeliveryContext, deliverBatch } from "./deliver-batch.ts";
import { Lane, laneOf } from "./lane.ts";
import type { Place, RecordsPage, StreamReader } from "./stream-reader.ts";
import { Wakeable } from "./wakeable.ts";

export interface PartitionConsumerOptions extends DeliveryContext {
  readonly reader: StreamReader;
  readonly checkpoints: CheckpointStore;
  /** Where the partition was left; one without a sequence number is read from its oldest record. */
  readonly checkpoint: Checkpoint;
  /** Of the lease under which the partition is consumed. */
  readonly token: number;
  /** The stream was deleted: what was read of it is delivered, and no more is read. */
  readonly streamGone: AbortSignal;
  /** How long after a poll that found less than a batch the next one comes, where the reader can't wait. */
  readonly pollMilliseconds: number;
  /** Told of what goes wrong with reading, which is tried again for ever. */
  onReadError(partitionId: string, error: unknown): void;
  /** A checkpoint was refused: another process has gone on with the partition. */
  onFenced(): void;
}

/** How long to wait for more at a time; the reader notices within this that its server went away. */
const WAIT_MILLISECONDS = 10_000;
/**
 * How much longer a lane gathers than its last call took, where records are delivered as they come: without
 * it a steady stream would keep function and tables busy all the time, with a write for almost every
 * position.
 */
const REST_PER_CALL = 3;
/** Kinesis gives no more at once. */
const MAXIMUM_PAGE_RECORDS = 10_000;
/** How soon to look again whether what was read has been settled. */
const ROOM_MILLISECONDS = 120;
/** Longest wait between attempts to read. */
const LONGEST_BACKOFF_MILLISECONDS = 5_000;

/**
 * Reads a partition and feeds its lanes. Resolves with true when the partition or its stream has ended and
 * all that was read is settled and saved, with false when it was stopped before. Reading runs ahead of the
 * function by a bounded number of records, and of bytes: a thousand of the largest would fill a gigabyte.
 */
export const consumePartition = async (options: PartitionConsumerOptions): Promise<boolean> => {
  const { stopping, trigger } = options;
  const checkpointer = new Checkpointer(options);
  const ending = AbortSignal.any([stopping, options.streamGone]);
  const freed = new Wakeable(options.sleep, ending);
  const lanes = Array.from(
    { length: trigger.parallelizationFactor },
    () =>
      new Lane({
        ...options,
        limits: trigger,
        restMilliseconds: (callMilliseconds) =>
          options.reader.waitForMore
            ? Math.min(REST_PER_CALL * callMilliseconds, options.pollMilliseconds)
            : 0,
        onDelivered: () => freed.wake(),
        deliver: (batch) => deliverBatch(batch, options, (settled) => checkpointer.settle(settled)),
      }),
  );
  /** While no lane could deliver it, nothing is won by reading the next record at once. */
  const gather = async (): Promise<void> => {
    const untilMs = options.clock() + options.pollMilliseconds;
    while (!ending.aborted) {
      const leftMs = Math.min(untilMs - options.clock(), options.pollMilliseconds);
      const freeInMs = Math.min(...lanes.map((lane) => lane.freeInMilliseconds()));
      if (freeInMs <= 0 || leftMs <= 0) return;
      await freed.sleep(Math.min(freeInMs, leftMs));
    }
  };
  const delivering = lanes.map((lane) => lane.run());
  const feeding = feed(options, checkpointer, lanes, { ending, gather }).then(() => {
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

/**
 * Reads to the end of the partition, or of its stream, handing each record to its lane. Rejects when stopped.
 */
const feed = async (
  options: PartitionConsumerOptions,
  checkpointer: Checkpointer,
  lanes: readonly Lane[],
  { ending, gather }: { readonly ending: AbortSignal; readonly gather: () => Promise<void> },
): Promise<void> => {
  const { checkpoint, partitionId, pollMilliseconds, reader, sleep, stopping, streamGone, trigger } = options;
  const pause = async (milliseconds: number): Promise<void> => {
    await sleep(milliseconds, ending).catch(() => {});
  };
  const readOn = (limit: number): Promise<RecordsPage> => reader.read(partitionId, place, limit);
  const more = async (): Promise<void> => {
    if (!reader.waitForMore) return pause(pollMilliseconds);
    await reader.waitForMore(partitionId, place, WAIT_MILLISECONDS, ending);
    await gather();
  };
  // Enough for every lane to find its next batch waiting, and for a page to be worth its request.
  const ahead = Math.max(trigger.batchSize * lanes.length * 2, 1_000);
  const aheadBytes = MAXIMUM_EVENT_BYTES * lanes.length;
  let place: Place =
    checkpoint.sequenceNumber === undefined ? "oldest" : { after: checkpoint.sequenceNumber };
  let errors = 0;
  /** Undefined when it failed; throttling, above all. */
  const tried = async <Result>(reading: Promise<Result>): Promise<Result | undefined> => {
    try {
      const result = await reading;
      errors = 0;
      return result;
    } catch (error) {
      options.onReadError(partitionId, error);
      await pause(backoffMilliseconds(++errors, LONGEST_BACKOFF_MILLISECONDS));
      return undefined;
    }
  };
  for (;;) {
    stopping.throwIfAborted();
    if (streamGone.aborted) return;
    const room = checkpointer.unsettledBytes < aheadBytes ? ahead - checkpointer.unsettled : 0;
    if (room <= 0) {
      await pause(Math.min(pollMilliseconds, ROOM_MILLISECONDS));
      continue;
    }
    const limit = Math.min(room, MAXIMUM_PAGE_RECORDS);
    const page = await tried(readOn(limit));
    // What came meanwhile of another stream of this name has other numbers.
    if (!page || streamGone.aborted) continue;
    const { records, isClosed } = page;
    checkpointer.read(records);
    for (const record of records) lanes[laneOf(record.partitionKey, lanes.length)].push(record);
    const last = records.at(-1);
    if (last) place = { after: last.sequenceNumber };
    if (isClosed) return;
    // Less than could have come is all that there is: what comes meanwhile makes the next batch.
    if (records.length < Math.min(limit, trigger.batchSize)) await tried(more());
  }
};
