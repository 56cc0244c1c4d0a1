import { SegmentError } from "../errors.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { decodeSegment } from "../segment/segment.ts";
import type { StoredSegment, TimeRange, TrackId } from "./track-store.ts";

/** A stored segment that can't be read: its bytes are not those that were written. */
export interface DamagedSegment {
  readonly trackId: TrackId;
  /** As it is stored, so that it can be found. */
  readonly segment: StoredSegment;
  readonly error: SegmentError;
}

/** What a damaged segment leaves out of an answer. */
export interface Damage extends TimeRange {
  /** How many positions it had. */
  readonly positionCount: number;
}

export interface SegmentPorts {
  readonly compression: SegmentCompression;
  /** Called with each damaged segment that a reader meets. */
  readonly onDamage?: (damaged: DamagedSegment) => void;
}

/**
 * The positions of a stored segment; undefined when it is damaged, after calling `onDamage`. Its neighbours
 * are still served.
 */
export const readSegment = (
  { compression, onDamage }: SegmentPorts,
  trackId: TrackId,
  segment: StoredSegment,
): PositionBuffer | undefined => {
  try {
    const positions = decodeSegment(segment.data, compression);
    refuseOthers(positions, segment);
    return positions;
  } catch (error) {
    if (!(error instanceof SegmentError)) throw error;
    onDamage?.({ trackId, segment, error });
    return undefined;
  }
};

/** Early segments have no checksum, and a checksum does not tell one segment from another. */
const refuseOthers = (
  { count, timestampsMs }: PositionBuffer,
  { positionCount, firstTimestampMs, lastTimestampMs }: StoredSegment,
): void => {
  if (count !== positionCount) {
    throw new SegmentError(`the segment holds ${count} positions; it was stored with ${positionCount}`);
  }
  if (timestampsMs[0] === firstTimestampMs && timestampsMs[count - 1] === lastTimestampMs) return;
  throw new SegmentError("the segment begins or ends at another time than it was stored for");
};

/** What damaged segments leave out between two moments, both inclusive. Overlapping gaps are joined. */
export const damageWithin = (
  segments: readonly StoredSegment[],
  { fromMs, toMs }: TimeRange,
): readonly Damage[] => {
  const told: Damage[] = [];
  for (const { firstTimestampMs, lastTimestampMs, positionCount } of segments) {
    const next = {
      fromMs: Math.max(fromMs, firstTimestampMs),
      toMs: Math.min(toMs, lastTimestampMs),
      positionCount,
    };
    if (next.fromMs > next.toMs) continue;
    const before = told.at(-1);
    if (before === undefined || next.fromMs > before.toMs) told.push(next);
    else {
      told[told.length - 1] = {
        fromMs: before.fromMs,
        toMs: Math.max(before.toMs, next.toMs),
        positionCount: before.positionCount + positionCount,
      };
    }
  }
  return told;
};
