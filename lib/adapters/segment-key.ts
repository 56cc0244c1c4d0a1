import { LATE_SEGMENT_SPAN_MS, type StoredSegment, type TimeRange } from "../core/track/track-store.ts";

// Text order must be number order. 16 digits hold every time that a Date can; Kinesis sequence numbers have up to 56.
const TIMESTAMP_DIGITS = 16;
const SEQUENCE_DIGITS = 56;
const LAST_TIMESTAMP_MS = Number.MAX_SAFE_INTEGER;

const padded = (timestampMs: number): string =>
  String(Math.min(Math.max(timestampMs, 0), LAST_TIMESTAMP_MS)).padStart(TIMESTAMP_DIGITS, "0");

/**
 * The key of a segment within its track: `S#<first timestamp>` for a sealed one, `L#<first timestamp>#<sequence number>`
 * for a late one, which therefore can overwrite neither a sealed one nor the late one of another record.
 */
export const segmentKey = (
  segment: Pick<StoredSegment, "kind" | "firstTimestampMs" | "sequenceNumber">,
): string =>
  segment.kind === "sealed"
    ? `S#${padded(segment.firstTimestampMs)}`
    : `L#${padded(segment.firstTimestampMs)}#${(segment.sequenceNumber ?? "").padStart(SEQUENCE_DIGITS, "0")}`;

/** The first timestamp, milliseconds, that a key was made of. */
export const timestampOfKey = (key: string): number => Number(key.slice(2, 2 + TIMESTAMP_DIGITS));

/** Where in a track's keys the segments of a time range lie; both ends of `sealed` and `late` are inclusive. */
export interface SegmentKeyRanges {
  /** Sealed segments that begin within the range. */
  readonly sealed: { readonly from: string; readonly to: string };
  /** The newest key up to this one is the sealed segment that may reach into the range; absent when none can. */
  readonly sealedBefore?: { readonly from: string; readonly to: string };
  /** Late segments that begin within the range, or near enough before it to reach into it. */
  readonly late: { readonly from: string; readonly to: string };
}

/** Sealed segments never overlap, so that one look back is enough; late ones span LATE_SEGMENT_SPAN_MS at most. */
export const segmentKeyRanges = ({ fromMs, toMs }: TimeRange): SegmentKeyRanges => {
  const first = Math.ceil(fromMs);
  const last = Math.floor(toMs);
  return {
    sealed: { from: `S#${padded(first)}`, to: `S#${padded(last)}` },
    ...(first > 0 && { sealedBefore: { from: "S#", to: `S#${padded(first - 1)}` } }),
    late: { from: `L#${padded(first - LATE_SEGMENT_SPAN_MS)}`, to: `L#${padded(last)}#~` },
  };
};

/** True when the segment may hold a position of the range. */
export const overlaps = (segment: StoredSegment, { fromMs, toMs }: TimeRange): boolean =>
  segment.firstTimestampMs <= toMs && segment.lastTimestampMs >= fromMs;

/** Ascending by first timestamp, a sealed one before late ones, those by sequence number. */
export const comesBefore = (one: StoredSegment, other: StoredSegment): boolean =>
  one.firstTimestampMs === other.firstTimestampMs
    ? one.kind === "sealed" || (other.kind === "late" && segmentKey(one) < segmentKey(other))
    : one.firstTimestampMs < other.firstTimestampMs;
