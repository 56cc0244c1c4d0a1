import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";

export interface Shard {
  readonly shardId: string;
  /** The shard that was split, or the two that were merged, to make this one; they may have left the stream since. */
  readonly parentShardIds: readonly string[];
}

export interface RecordsPage {
  readonly records: readonly SourceRecord[];
  /** Absent after the last record of a shard that was split or merged. */
  readonly nextIterator?: string;
}

/** A stream as its consumer sees it. Every call may be throttled, and rejects then; the poller asks again. */
export interface StreamReader {
  /** For the events, and to tell this stream's checkpoints from another's. */
  readonly streamArn: string;
  /** When the stream was created, milliseconds since 1970: tells it from an earlier one of its name. */
  createdAtMs(): Promise<number>;
  listShards(): Promise<readonly Shard[]>;
  /** Where to read on after a sequence number, or from the oldest record that the stream still has. */
  openIterator(shardId: string, afterSequenceNumber?: string): Promise<string>;
  /** Rejects with IteratorExpiredError when the iterator is too old (five minutes, in Kinesis). */
  getRecords(iterator: string, limit: number): Promise<RecordsPage>;
}

export class IteratorExpiredError extends Error {
  override readonly name = "IteratorExpiredError";
}
