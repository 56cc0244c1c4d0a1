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
  /** At most so many batches; all of them without it. */
  readonly limit?: number;
  /** Told of each batch when it is done. */
  readonly onBatch: (key: string, batch: FailedBatch) => void;
  /**
   * Told of what can never be played: what is no batch, and what the stream will not take. It stays where it
   * is.
   */
  readonly onUnreadable: (key: string, error: BacktrackError) => void;
}

export interface RedriveSummary {
  readonly batchCount: number;
  readonly recordCount: number;
  readonly unreadableCount: number;
}

/**
 * Plays records that were given up onto the stream again, batch by batch, and puts each batch aside when the
 * stream has all of it. A batch that was played and not put aside, because this was stopped in between, is
 * played again: tracking then drops its positions, as it drops every position whose timestamp the track has.
 * A batch that can never be played holds up no other. Throws what the stream and the store raise; what was
 * done stays done.
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
