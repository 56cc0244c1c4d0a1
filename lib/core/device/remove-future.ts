import { PositionBuffer } from "../position/position-buffer.ts";
import { readSegment, type SegmentPorts } from "../track/damaged-segment.ts";
import { deviceTrack, type StoredSegment, type TrackStore } from "../track/track-store.ts";
import type { DeviceState } from "./device-state.ts";
import { lateSegments } from "./late-arrival.ts";

/** No record has it: what is stored under it is of no arrival that could come again. */
const NO_SEQUENCE_NUMBER = "0";

/**
 * Takes from a device's track what is later than the first position of its tail: all that is sealed is older. Of a segment that
 * has earlier positions these are stored as late ones first. What can't be read can't be in quarantine either, and stays.
 * Doing it again changes nothing.
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
      const past = new PositionBuffer();
      past.append(positions, 0, countUntil(positions, standsAtMs));
      await ports.tracks.put(trackId, lateSegments({ sequenceNumber: NO_SEQUENCE_NUMBER, positions: past }));
    }
    obsolete.push(segment);
  }
  if (obsolete.length > 0) await ports.tracks.removeSegments(trackId, obsolete);
};

const countUntil = ({ timestampsMs, count }: PositionBuffer, untilMs: number): number => {
  let until = 0;
  while (until < count && timestampsMs[until] <= untilMs) until++;
  return until;
};
