import { NotFoundError, RecordError } from "../errors.ts";
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
  /** Told of what is no batch; it stays where it is. */
  readonly onUnreadable: (key: string, error: RecordError) => void;
}

export interface RedriveSummary {
  readonly batchCount: number;
  readonly recordCount: number;
  readonly unreadableCount: number;
}

/**
 * Plays records that were given up onto the stream again, batch by batch, and puts each batch aside when the stream has all of
 * it. A batch that was played and not put aside, because this was stopped in between, is played again: tracking then drops its positions, as it
 * drops every position whose timestamp the track has. Raises what the stream and the store raise; what was done stays done.
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
      if (!(error instanceof RecordError)) throw error;
      unreadableCount++;
      onUnreadable(key, error);
    }
  }
  return { batchCount, recordCount, unreadableCount };
};
