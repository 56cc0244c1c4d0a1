import type { PositionBuffer } from "../position/position-buffer.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { decodeSegment } from "../segment/segment.ts";
import { TrackMerge } from "./track-merge.ts";
import type { StoredSegment, TimeRange, TrackId, TrackStore } from "./track-store.ts";

export interface ReadTrackPorts {
  readonly tracks: TrackStore;
  readonly compression: SegmentCompression;
}

export interface TrackRequest extends TimeRange {
  /** At most this many positions, 1 or more. */
  readonly limit: number;
  /**
   * A device's tail, when the track is a device's. It must have been loaded before this call. A position moves from
   * the tail into a segment, never back, and the segment is stored before the tail lets go of it: so whoever reads the tail
   * first finds each position in one of the two, or in both, and then it is given once. Who reads the segments first
   * misses what is sealed in between.
   */
  readonly tail?: PositionBuffer;
}

export interface TrackPage {
  /** In time order, each timestamp once. */
  readonly positions: PositionBuffer;
  /** The next position's time, where the next page begins; absent when there is none in the range. */
  readonly nextMs?: number;
}

/** Of positions of one time the sealed one is given, else the late one of the lowest sequence number, else the tail's. */
const RANKS = { sealed: 0, late: 1, tail: 2 };

/**
 * Reads a page of a track from its segments and its tail; segments are fetched only until the page is full. Pages
 * are cut between timestamps, so that whatever overlaps at the cut, the next page finds the rest of it.
 * Raises SegmentError when a stored segment can't be read.
 */
export const readTrack = async (
  { tracks, compression }: ReadTrackPorts,
  trackId: TrackId,
  { fromMs, toMs, limit, tail }: TrackRequest,
): Promise<TrackPage> => {
  const merge = new TrackMerge(fromMs, toMs, limit);
  if (tail !== undefined) merge.add({ positions: tail, rank: RANKS.tail });
  let unread: StoredSegment | undefined;
  for await (const segment of tracks.segments(trackId, { fromMs, toMs })) {
    // This one and all that follow begin here or later: what is older can be taken in order.
    merge.takeUntil(segment.firstTimestampMs);
    if (merge.isFull) {
      unread = segment;
      break;
    }
    const { kind, sequenceNumber, data } = segment;
    merge.add({ positions: decodeSegment(data, compression), rank: RANKS[kind], sequenceNumber });
  }
  if (unread === undefined) merge.takeUntil(Number.POSITIVE_INFINITY);
  // A full page has taken nothing as late as the unread segment's first position, so that one is still to come.
  const nextMs = earlier(merge.nextMs(), unread?.firstTimestampMs);
  return { positions: merge.merged, ...(nextMs !== undefined && { nextMs }) };
};

const earlier = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one;
