/**
 * The playback clock, as rosbag2 models it: an anchor ties a recorded time to a wall time. Recorded time now
 * is `anchorOffsetMs + rate * (wall - anchorWallMs)`; while paused, and before the anchor, it stays at
 * `anchorOffsetMs`.
 *
 * Both ways are computed from the anchor alone, never step by step, so nothing adds up however long a replay
 * plays.
 */
export interface PlaybackClock {
  /**
   * Recorded time at the anchor, milliseconds since the replay's own beginning; it keeps counting through
   * loops.
   */
  readonly anchorOffsetMs: number;
  /** May be ahead of now: until then the clock stands. */
  readonly anchorWallMs: number;
  /** 0.01 to 10,000. */
  readonly rate: number;
  readonly paused: boolean;
}

export const MINIMUM_RATE = 0.01;
export const MAXIMUM_RATE = 10_000;

/** Recorded time at a wall time. */
export const offsetAt = (clock: PlaybackClock, wallMs: number): number =>
  clock.paused
    ? clock.anchorOffsetMs
    : clock.anchorOffsetMs + clock.rate * Math.max(0, wallMs - clock.anchorWallMs);

/**
 * The wall time at which the clock reaches a recorded time: the inverse of `offsetAt`. What lies before the
 * anchor is due at the anchor; a paused clock reaches nothing that lies behind it (Infinity).
 */
export const dueAt = (clock: PlaybackClock, offsetMs: number): number => {
  const ahead = offsetMs - clock.anchorOffsetMs;
  if (ahead <= 0) return clock.anchorWallMs;
  return clock.paused ? Number.POSITIVE_INFINITY : clock.anchorWallMs + ahead / clock.rate;
};

/** The same clock, tied to `offsetMs` at `wallMs`: recorded time jumps there unless it is there anyway. */
export const anchorAt = (clock: PlaybackClock, offsetMs: number, wallMs: number): PlaybackClock => ({
  ...clock,
  anchorOffsetMs: offsetMs,
  anchorWallMs: wallMs,
});

/**
 * Tied to where it is at `wallMs`, or at its anchor if that is still ahead. Recorded time stays continuous.
 */
const anchorHere = (clock: PlaybackClock, wallMs: number): PlaybackClock =>
  anchorAt(clock, offsetAt(clock, wallMs), Math.max(wallMs, clock.anchorWallMs));

/** From `wallMs` on at another rate. */
export const changeRate = (clock: PlaybackClock, wallMs: number, rate: number): PlaybackClock => ({
  ...anchorHere(clock, wallMs),
  rate,
});

/** Stands still from `wallMs` on. */
export const pauseClock = (clock: PlaybackClock, wallMs: number): PlaybackClock => ({
  ...anchorHere(clock, wallMs),
  paused: true,
});

/** Goes on from `wallMs`, from where it stood. */
export const resumeClock = (clock: PlaybackClock, wallMs: number): PlaybackClock => ({
  ...anchorHere(clock, wallMs),
  paused: false,
});

/** Is at `offsetMs` at `wallMs`, whatever it showed before. */
export const seekClock = (clock: PlaybackClock, wallMs: number, offsetMs: number): PlaybackClock =>
  anchorAt(clock, offsetMs, Math.max(wallMs, clock.anchorWallMs));
