import { PositionBuffer } from "../position/position-buffer.ts";
import { dueAt, offsetAt, type PlaybackClock } from "./playback-clock.ts";
import { deviceIdsOf, type ReplayOptions } from "./replay.ts";
import type { SourceCursor } from "./source-cursor.ts";

/** What of one source is to be sent, and when. */
export interface SourceSchedule {
  readonly deviceIds: readonly string[];
  /** As they go out: with the timestamps that they get. */
  readonly positions: PositionBuffer;
  /** Wall time at which each is due, integer milliseconds, ascending. */
  readonly dueMs: readonly number[];
}

/** Everything that is to be sent of a stretch of recorded time. */
export interface ReplayWindow {
  /** The first offset that does not belong to it. */
  readonly untilOffsetMs: number;
  readonly sources: readonly SourceSchedule[];
  /** Newest timestamp of each source after it. */
  readonly lastTimestampsMs: readonly number[];
  /** When its last position is due; -Infinity when it has none. */
  readonly lastDueMs: number;
  /** Positions that it puts on the stream, each device's counted. */
  readonly positionCount: number;
}

/** From where, and by which schedule. */
export interface ReplayWindowStart {
  readonly fromOffsetMs: number;
  readonly clock: PlaybackClock;
  readonly lastTimestampsMs: readonly number[];
  readonly timestamps: ReplayOptions["timestamps"];
}

/**
 * Up to a given offset, when a plan is repeated; up to what is due by a wall time and fits, when one is made.
 */
export type ReplayWindowEnd =
  | { readonly untilOffsetMs: number }
  | { readonly untilWallMs: number; readonly maximumPositions: number };

/**
 * Reads the positions of a window and schedules them. The same start, with the offset that it ended at as the
 * end, gives the same positions, timestamps and due times every time, wherever the cursors were.
 *
 * With timestamps of now a position's timestamp is the millisecond at which it is due, at least one after its
 * predecessor's: at 10,000x two positions would often share a millisecond, and a track has each timestamp
 * once.
 */
export const readWindow = async (
  cursors: readonly SourceCursor[],
  start: ReplayWindowStart,
  end: ReplayWindowEnd,
): Promise<ReplayWindow> => {
  const { fromOffsetMs, clock, lastTimestampsMs, timestamps } = start;
  for (const cursor of cursors) await cursor.seek(fromOffsetMs);
  const newestMs = [...lastTimestampsMs];
  const sources = cursors.map(({ source }) => ({
    deviceIds: deviceIdsOf(source),
    positions: new PositionBuffer(),
    dueMs: [] as number[],
  }));
  let taken = 0;
  let positionCount = 0;
  let lastOffsetMs = fromOffsetMs - 1;
  let lastDueMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    const index = indexOfFirst(cursors);
    const cursor = cursors[index];
    const { offsetMs } = cursor;
    const punctualMs = Math.round(dueAt(clock, offsetMs));
    const dueMs = timestamps === "now" ? Math.max(punctualMs, newestMs[index] + 1) : punctualMs;
    // Positions of the same offset stay together, so that the offset alone tells what belongs to the window.
    if (offsetMs > lastOffsetMs && isBehind(end, { offsetMs, punctualMs, dueMs, taken })) {
      const untilOffsetMs =
        "untilOffsetMs" in end
          ? end.untilOffsetMs
          : Math.min(offsetMs, Math.max(lastOffsetMs + 1, Math.ceil(offsetAt(clock, end.untilWallMs))));
      return { untilOffsetMs, sources, lastTimestampsMs: newestMs, lastDueMs, positionCount };
    }
    const { positions, dueMs: dues, deviceIds } = sources[index];
    cursor.copyTo(positions);
    const last = positions.count - 1;
    if (timestamps === "now") positions.timestampsMs[last] = dueMs;
    newestMs[index] = positions.timestampsMs[last];
    dues.push(dueMs);
    taken++;
    positionCount += deviceIds.length;
    lastOffsetMs = offsetMs;
    lastDueMs = Math.max(lastDueMs, dueMs);
    const turning = cursor.step();
    if (turning) await turning;
  }
};

interface Candidate {
  readonly offsetMs: number;
  /** When the clock has it due; `dueMs` waits for its predecessor, too. */
  readonly punctualMs: number;
  readonly dueMs: number;
  readonly taken: number;
}

const isBehind = (end: ReplayWindowEnd, { offsetMs, punctualMs, dueMs, taken }: Candidate): boolean => {
  if (offsetMs === Number.POSITIVE_INFINITY) return true;
  if ("untilOffsetMs" in end) return offsetMs >= end.untilOffsetMs;
  // The first due position is always taken, however far ahead it is: a window that is never empty always
  // makes progress.
  if (taken === 0) return punctualMs > end.untilWallMs;
  return dueMs > end.untilWallMs || taken >= end.maximumPositions;
};

/** Of the cursor that stands earliest. */
const indexOfFirst = (cursors: readonly SourceCursor[]): number => {
  let first = 0;
  for (let index = 1; index < cursors.length; index++) {
    if (cursors[index].offsetMs < cursors[first].offsetMs) first = index;
  }
  return first;
};
