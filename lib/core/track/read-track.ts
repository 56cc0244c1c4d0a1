import type { PositionBuffer } from "../position/position-buffer.ts";
import { type Damage, damageWithin, readSegment, type SegmentPorts } from "./damaged-segment.ts";
import { TrackMerge } from "./track-merge.ts";
import {
  beginsAtMs,
  type StoredSegment,
  type TimeRange,
  type TrackId,
  type TrackStore,
} from "./track-store.ts";

export interface ReadTrackPorts extends SegmentPorts {
  readonly tracks: TrackStore;
}

export interface TrackRequest extends TimeRange {
  /** At most this many positions, 1 or more. */
  readonly limit: number;
  /**
   * A device's tail, when the track is a device's. It must have been loaded before this call. A position
   * moves from the tail into a segment, never back, and the segment is stored before the tail lets go of it:
   * so a reader that loads the tail first finds each position in one of the two, or in both, and returns it
   * once. A reader that starts with the segments misses what is sealed in between.
   */
  readonly tail?: PositionBuffer;
}

export interface TrackPage {
  /** In time order, each timestamp once. */
  readonly positions: PositionBuffer;
  /** The next position's time, where the next page begins; absent when there is none in the range. */
  readonly nextMs?: number;
  /** What is missing because stored segments are damaged, by time. */
  readonly damaged: readonly Damage[];
}

/**
 * Of several positions with one time it returns the sealed one, else the late one of the lowest part, else
 * the tail's.
 */
const RANKS = { sealed: 0, late: 1, tail: 2 };

/**
 * Reads a page of a track from its segments and its tail; segments are fetched only until the page is full.
 * Pages are cut between timestamps, so that whatever overlaps at the cut, the next page finds the rest of it.
 * A stored segment that can't be read is left out: the page says what is missing, and `onDamage` is told
 * where it is.
 */
export const readTrack = async (
  ports: ReadTrackPorts,
  trackId: TrackId,
  { fromMs, toMs, limit, tail }: TrackRequest,
): Promise<TrackPage> => {
  const merge = new TrackMerge(fromMs, toMs, limit);
  if (tail !== undefined) merge.add({ positions: tail, rank: RANKS.tail });
  const damaged: StoredSegment[] = [];
  let unread: StoredSegment | undefined;
  for await (const segment of ports.tracks.segments(trackId, { fromMs, toMs })) {
    // This one and all that follow begin here or later: what is older can be taken in order.
    merge.takeUntil(beginsAtMs(segment));
    // Of a late part it is not known when its first position is, nor that of those behind it.
    if (merge.isFull && (segment.kind === "sealed" || isBefore(merge.nextMs(), segment))) {
      unread = segment;
      break;
    }
    const positions = readSegment(ports, trackId, segment);
    if (positions === undefined) damaged.push(segment);
    else merge.add({ positions, rank: RANKS[segment.kind], order: orderOf(segment) });
  }
  if (unread === undefined) merge.takeUntil(Number.POSITIVE_INFINITY);
  // A full page has taken nothing as late as the unread segment's first position, so that one is still to
  // come.
  const nextMs = earlier(merge.nextMs(), unread?.kind === "sealed" ? unread.firstTimestampMs : undefined);
  return {
    positions: merge.merged,
    ...(nextMs !== undefined && { nextMs }),
    damaged: damageWithin(damaged, { fromMs, toMs: nextMs === undefined ? toMs : nextMs - 1 }),
  };
};

const orderOf = (segment: StoredSegment): number => (segment.kind === "late" ? segment.part : 0);

const isBefore = (timestampMs: number | undefined, segment: StoredSegment): boolean =>
  timestampMs !== undefined && timestampMs <= beginsAtMs(segment);

const earlier = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one;
