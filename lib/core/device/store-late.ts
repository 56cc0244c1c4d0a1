import { mapConcurrently } from "../concurrency.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { decodeSegment } from "../segment/segment.ts";
import type { TimeRange, TrackId, TrackStore } from "../track/track-store.ts";
import { type LateArrival, lateRanges, lateSegments, withoutKnown } from "./late-arrival.ts";
import type { LateOutcome } from "./position-conflict.ts";

const RANGES_AT_ONCE = 8;

/**
 * Stores the late positions that the track does not have, each record's as segments of its own, and returns what became
 * of all. What the same batch sealed must be on the track already.
 *
 * A record that is applied again after a crash must decide as it did before. Its own late segments, which it may have
 * stored, are therefore not looked at; those of earlier records are there each time; those of later records hold nothing that
 * it could bring, because they were checked against what it stored.
 */
export const storeLate = async (
  tracks: TrackStore,
  compression: SegmentCompression,
  trackId: TrackId,
  arrivals: readonly LateArrival[],
): Promise<LateOutcome> => {
  let storedCount = 0;
  let oldestStoredMs: number | undefined;
  let duplicateCount = 0;
  for (const arrival of arrivals) {
    const known = await knownTimestamps(tracks, compression, trackId, arrival);
    const fresh = withoutKnown(arrival, known);
    const { count, timestampsMs } = fresh.positions;
    duplicateCount += arrival.positions.count - count;
    if (count === 0) continue;
    await tracks.put(trackId, lateSegments(fresh));
    storedCount += count;
    oldestStoredMs = Math.min(oldestStoredMs ?? timestampsMs[0], timestampsMs[0]);
  }
  return {
    storedCount,
    ...(oldestStoredMs !== undefined && { oldestStoredMs }),
    duplicateCount,
    conflicts: [],
  };
};

const knownTimestamps = async (
  tracks: TrackStore,
  compression: SegmentCompression,
  trackId: TrackId,
  arrival: LateArrival,
): Promise<ReadonlySet<number>> => {
  const known = new Set<number>();
  const collect = async (range: TimeRange): Promise<void> => {
    for await (const { kind, sequenceNumber, data } of tracks.segments(trackId, range)) {
      if (kind === "late" && sequenceNumber === arrival.sequenceNumber) continue;
      const { count, timestampsMs } = decodeSegment(data, compression);
      for (let index = 0; index < count; index++) known.add(timestampsMs[index]);
    }
  };
  await mapConcurrently(lateRanges(arrival), RANGES_AT_ONCE, collect);
  return known;
};
