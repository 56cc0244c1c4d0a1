import type { Position } from "../position/position.ts";
import { type ReadTrackPorts, readTrack } from "./read-track.ts";
import type { TrackId } from "./track-store.ts";

const FIRST_LOOK_MS = 60 * 60 * 1000;

/**
 * The newest position of a track that is not later than `untilMs`. Segments are found by their start, so it
 * looks for any position in a range that doubles each time, then halves the rest: about 40 short reads at
 * worst, however long the track is.
 */
export const newestPosition = async (
  ports: ReadTrackPorts,
  trackId: TrackId,
  untilMs: number,
): Promise<Position | undefined> => {
  const firstIn = async (fromMs: number, toMs: number): Promise<Position | undefined> => {
    const { positions } = await readTrack(ports, trackId, { fromMs, toMs, limit: 1 });
    return positions.count > 0 ? positions.at(0) : undefined;
  };
  let newest: Position | undefined;
  for (let lookMs = FIRST_LOOK_MS; newest === undefined; lookMs *= 2) {
    newest = await firstIn(Math.max(0, untilMs - lookMs), untilMs);
    if (lookMs >= untilMs) break;
  }
  let endMs = untilMs;
  while (newest !== undefined && newest.timestampMs < endMs) {
    const middleMs: number = Math.floor((newest.timestampMs + endMs) / 2) + 1;
    const later: Position | undefined = await firstIn(middleMs, endMs);
    if (later === undefined) endMs = middleMs - 1;
    else newest = later;
  }
  return newest;
};
