import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";

/** Records that are given up, and why. */
export interface FailedBatch {
  readonly functionName: string;
  readonly streamArn: string;
  readonly partitionId: string;
  /** Lambda's own word for the condition. */
  readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  /** What failed last, as a sentence; for a record that was too old, perhaps nothing was tried. */
  readonly reason: string;
  /** How often the function was called with exactly these records at the end; 0 when never. */
  readonly approximateInvokeCount: number;
  /** Whole, in stream order; never empty. */
  readonly records: readonly SourceRecord[];
}

/**
 * The on-failure destination. Gets the records themselves, not only their place in the stream as Lambda sends
 * to a queue, and before the checkpoint passes them: when it rejects it is asked again, for ever, with the
 * same batch, so nothing is lost without trace. Must be idempotent.
 */
export type OnFailure = (failed: FailedBatch) => Promise<void>;
