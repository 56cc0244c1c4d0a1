import {
  beginsAtMs,
  lateSpanOf,
  type SealedSegment,
  type StoredSegment,
  type TimeRange,
} from "../core/track/track-store.ts";
import { sha256Now } from "./sha256.ts";

// Text order must be number order. 16 digits hold every time of a Date.
const TIMESTAMP_DIGITS = 16;
const PART_DIGITS = 6;
const LAST_TIMESTAMP_MS = Number.MAX_SAFE_INTEGER;
/** 66 bits. */
const DIGEST_CHARACTERS = 11;
/** Behind every digest and every part. */
const LAST = "~";

const padded = (timestampMs: number): string =>
  String(Math.min(Math.max(timestampMs, 0), LAST_TIMESTAMP_MS)).padStart(TIMESTAMP_DIGITS, "0");

const digestOf = (data: Uint8Array): string => sha256Now(data, "base64url").slice(0, DIGEST_CHARACTERS);

/**
 * The key of a segment within its track: `S#<first timestamp>#<digest of its data>` for a sealed one, which
 * can therefore overwrite nothing but itself; `L#<begin of its span>#<part>` for late positions. Early sealed
 * segments have no digest.
 */
export const segmentKey = (segment: StoredSegment): string => {
  if (segment.kind === "late") {
    return `L#${padded(beginsAtMs(segment))}#${String(segment.part).padStart(PART_DIGITS, "0")}`;
  }
  const { firstTimestampMs, data, digest = digestOf(data) } = segment;
  return digest === "" ? `S#${padded(firstTimestampMs)}` : `S#${padded(firstTimestampMs)}#${digest}`;
};

/** What segmentKey made the key of. */
export const partsOfKey = (key: string): { kind: "sealed" | "late"; timestampMs: number; rest: string } => ({
  kind: key.startsWith("S#") ? "sealed" : "late",
  timestampMs: Number(key.slice(2, 2 + TIMESTAMP_DIGITS)),
  rest: key.slice(2 + TIMESTAMP_DIGITS + 1),
});

/** Where in a track's keys the segments of a time range lie; both ends of each are inclusive. */
export interface SegmentKeyRanges {
  /** Sealed segments that begin within the range. */
  readonly sealed: { readonly from: string; readonly to: string };
  /** Sealed segments that begin before it, for reachingInto; absent when there can be none. */
  readonly sealedBefore?: { readonly from: string; readonly to: string };
  /** Late parts of the spans that the range touches. */
  readonly late: { readonly from: string; readonly to: string };
}

export const segmentKeyRanges = ({ fromMs, toMs }: TimeRange): SegmentKeyRanges => {
  const first = Math.ceil(fromMs);
  const last = Math.floor(toMs);
  return {
    sealed: { from: `S#${padded(first)}`, to: `S#${padded(last)}${LAST}` },
    ...(first > 0 && { sealedBefore: { from: "S#", to: `S#${padded(first - 1)}${LAST}` } }),
    late: { from: `L#${padded(lateSpanOf(first))}`, to: `L#${padded(last)}${LAST}` },
  };
};

/**
 * Finds the sealed segments that begin before a moment and may reach beyond it. They are given newest first,
 * and read only as far as needed. If segments do not overlap, only the newest one can. A segment of a state
 * that was never saved may overlap others, so earlier ones are included, too, back to where that state began
 * to seal: what was sealed before that ends before it.
 */
export const reachingInto = async (
  newestFirst: AsyncIterable<SealedSegment> | Iterable<SealedSegment>,
): Promise<SealedSegment[]> => {
  const found: SealedSegment[] = [];
  let backToMs = Number.POSITIVE_INFINITY;
  for await (const segment of newestFirst) {
    if (found.length === 0) backToMs = segment.sealedAfterMs ?? Number.POSITIVE_INFINITY;
    else if (segment.firstTimestampMs <= backToMs) break;
    found.push(segment);
  }
  return found.reverse();
};

/** True when the segment may hold a position of the range. */
export const overlaps = (segment: StoredSegment, { fromMs, toMs }: TimeRange): boolean =>
  segment.firstTimestampMs <= toMs && segment.lastTimestampMs >= fromMs;

/** Ascending by beginsAtMs; sealed before late ones, those by part. */
export const comesBefore = (one: StoredSegment, other: StoredSegment): boolean => {
  const difference = beginsAtMs(one) - beginsAtMs(other);
  if (difference !== 0) return difference < 0;
  if (one.kind !== other.kind) return one.kind === "sealed";
  return segmentKey(one) < segmentKey(other);
};
