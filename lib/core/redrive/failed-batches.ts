import type { OutgoingRecord } from "../stream/position-stream.ts";

/** Records of the stream that a function failed to process and that were given up: whole and in order. */
export interface FailedBatch {
  readonly functionName: string;
  /** Why they were given up, in the service's word, for example `RetryAttemptsExhausted`. */
  readonly condition: string;
  readonly records: readonly OutgoingRecord[];
}

/** Where they wait. */
export interface FailedBatches {
  /** Their keys, those of one shard in the order in which they were given up. */
  keys(): AsyncIterable<string>;
  /** Throws RecordError when it is not what it should be, NotFoundError when it has gone. */
  read(key: string): Promise<FailedBatch>;
  /** Puts it aside as played again, where keys() does not find it. Repeating it is harmless. */
  settle(key: string): Promise<void>;
}
