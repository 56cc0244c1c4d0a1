import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";

/** A part of a stream that keeps its records in order: a shard of Kinesis, for one. */
export interface Partition {
  readonly partitionId: string;
  /** What was split or merged to make this one; it may have left the stream since. */
  readonly parentIds: readonly string[];
}

/**
 * Where to read on: behind a record, at the oldest that the stream still has, or at what comes from now on.
 */
export type Place = { readonly after: string } | "oldest" | "newest";

export const isSamePlace = (one: Place, other: Place): boolean =>
  typeof one === "object" && typeof other === "object" ? one.after === other.after : one === other;

export interface RecordsPage {
  /** May be empty in the middle of a partition, too. */
  readonly records: readonly SourceRecord[];
  /** Nothing will ever follow these records: the partition was split or merged. */
  readonly isClosed: boolean;
}

/**
 * A stream as its consumer sees it: partitions, and in each a log by sequence number. Sequence numbers are
 * decimal integers that rise along a partition (compareSequenceNumbers of the core is their order); they may
 * have gaps. Every call may be throttled, and rejects then; the consumer asks again.
 */
export interface StreamReader {
  /** For the events, and to tell this stream's checkpoints from another's. */
  readonly streamArn: string;
  /** When the stream was created, milliseconds since 1970: tells it from an earlier one of its name. */
  createdAtMs(): Promise<number>;
  listPartitions(): Promise<readonly Partition[]>;
  /** At most `limit` records, in order, without a gap behind the place. The same place may be read again. */
  read(partitionId: string, place: Place, limit: number): Promise<RecordsPage>;
  /**
   * Resolves as soon as there may be records behind the place, and at the latest after `milliseconds` or when
   * the signal aborts. Rejects where `read` would. A reader without it is asked at an interval.
   */
  waitForMore?(partitionId: string, place: Place, milliseconds: number, signal: AbortSignal): Promise<void>;
  /** How many records are behind the place now. A reader without it can't tell. */
  countFrom?(partitionId: string, place: Place): Promise<number>;
}
