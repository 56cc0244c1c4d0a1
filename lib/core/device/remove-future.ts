import type { PositionBuffer } from "../position/position-buffer.ts";
import { encodeSegment } from "../segment/segment.ts";
import { readSegment, type SegmentPorts } from "../track/damaged-segment.ts";
import { deviceTrack, type StoredSegment, type TrackId, type TrackStore } from "../track/track-store.ts";
import { decodeBringers, encodeBringers } from "./bringers.ts";
import type { DeviceState } from "./device-state.ts";

/**
 * Removes everything from a device's track that is later than the first position of its tail; properly sealed
 * positions are older. If a segment also has earlier positions, those are stored first. A segment that can't
 * be read could not go to quarantine, so it stays. Repeating it changes nothing.
 */
export const removeFuture = async (
  ports: SegmentPorts & { readonly tracks: TrackStore },
  { deviceId, tail }: DeviceState,
): Promise<void> => {
  const trackId = deviceTrack(deviceId);
  const standsAtMs = tail.count > 0 ? tail.timestampsMs[0] : Number.NEGATIVE_INFINITY;
  const range = { fromMs: Math.max(0, standsAtMs), toMs: Number.MAX_SAFE_INTEGER };
  const obsolete: StoredSegment[] = [];
  for await (const segment of ports.tracks.segments(trackId, range)) {
    const positions = readSegment(ports, trackId, segment);
    if (positions === undefined) continue;
    if (segment.firstTimestampMs < standsAtMs) {
      if (segment.lastTimestampMs <= standsAtMs) continue;
      await keepPast(ports.tracks, trackId, segment, positions, countUntil(positions, standsAtMs));
      // A late part was written over; what is sealed never is.
      if (segment.kind === "late") continue;
    }
    obsolete.push(segment);
  }
  if (obsolete.length > 0) await ports.tracks.removeSegments(trackId, obsolete);
};

/** Stores the first `count` positions of a segment, of which there is at least one. */
const keepPast = async (
  tracks: TrackStore,
  trackId: TrackId,
  segment: StoredSegment,
  positions: PositionBuffer,
  count: number,
): Promise<void> => {
  const past = {
    firstTimestampMs: positions.timestampsMs[0],
    lastTimestampMs: positions.timestampsMs[count - 1],
    positionCount: count,
    data: encodeSegment(positions, 0, count),
  };
  if (segment.kind === "sealed") {
    const { digest: _, ...sealed } = segment;
    return tracks.put(trackId, [{ ...sealed, ...past }]);
  }
  const bringers = decodeBringers(segment.bringers, segment.positionCount).slice(0, count);
  return tracks.putLate(trackId, { ...segment, ...past, bringers: encodeBringers(bringers) });
};

const countUntil = ({ timestampsMs, count }: PositionBuffer, untilMs: number): number => {
  let until = 0;
  while (until < count && timestampsMs[until] <= untilMs) until++;
  return until;
};
