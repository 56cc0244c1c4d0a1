/**
 * The playback clock, as rosbag2 models it: an anchor ties a recorded time to a wall time. Recorded time now is
 * `anchorOffsetMs + rate * (wall - anchorWallMs)`; while paused it stays at `anchorOffsetMs`.
 */
export interface PlaybackClock {
  /** Recorded time at the anchor, milliseconds since the replay's own beginning; loops go on counting. */
  readonly anchorOffsetMs: number;
  readonly anchorWallMs: number;
  /** 0.01 to 10,000. */
  readonly rate: number;
  readonly paused: boolean;
}
