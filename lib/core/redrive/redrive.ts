import { type BacktrackError, isHopeless, NotFoundError } from "../errors.ts";
import type { PositionStream } from "../stream/position-stream.ts";
import type { FailedBatch, FailedBatches } from "./failed-batches.ts";

export interface RedrivePorts {
  readonly batches: FailedBatches;
  readonly stream: PositionStream;
}

export interface RedriveOptions {
  /** Looks, and plays nothing. */
  readonly isDryRun: boolean;
  /** The most batches to replay; by default all. */
  readonly limit?: number;
  /** Told of each batch when it is done. */
  readonly onBatch: (key: string, batch: FailedBatch) => void;
  /**
   * Called for what can never be replayed: objects that are not a batch, and batches that the stream refuses.
   * They stay where they are.
   */
  readonly onUnreadable: (key: string, error: BacktrackError) => void;
}

export interface RedriveSummary {
  readonly batchCount: number;
  readonly recordCount: number;
  readonly unreadableCount: number;
}

/**
 * Puts records that were given up back on the stream, batch by batch, and sets each batch aside when the
 * stream has all of it. If it stops in between, a batch is put back twice: tracking drops its positions as
 * duplicates. A batch that can never be put back does not block others. Throws what the stream and the store
 * throw; finished batches stay finished.
 */
export const redrive = async (
  { batches, stream }: RedrivePorts,
  { isDryRun, limit = Number.POSITIVE_INFINITY, onBatch, onUnreadable }: RedriveOptions,
): Promise<RedriveSummary> => {
  let [batchCount, recordCount, unreadableCount] = [0, 0, 0];
  for await (const key of batches.keys()) {
    if (batchCount + unreadableCount >= limit) break;
    try {
      const batch = await batches.read(key);
      if (!isDryRun) {
        await stream.publish(batch.records);
        await batches.settle(key);
      }
      batchCount++;
      recordCount += batch.records.length;
      onBatch(key, batch);
    } catch (error) {
      // Another redrive was faster.
      if (error instanceof NotFoundError) continue;
      if (!isHopeless(error)) throw error;
      unreadableCount++;
      onUnreadable(key, error);
    }
  }
  return { batchCount, recordCount, unreadableCount };
};
