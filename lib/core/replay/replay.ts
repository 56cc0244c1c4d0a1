import type { PlaybackClock } from "./playback-clock.ts";

/** A recording played onto the stream as one or more devices. One item of the replays table, JSON throughout. */
export interface Replay {
  readonly replayId: string;
  /** 0 before the first save; raised by every write, whoever makes it. */
  readonly version: number;
  readonly status: "playing" | "paused" | "stopped" | "finished" | "failed";
  /** Why it failed. */
  readonly reason?: string;
  /** What is played as whom, side by side on one clock. */
  readonly sources: readonly ReplaySource[];
  readonly options: ReplayOptions;
  readonly clock: PlaybackClock;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface ReplaySource {
  readonly recordingId: string;
  readonly deviceIds: readonly string[];
}

export interface ReplayOptions {
  readonly loop: boolean;
  readonly timestamps: "now" | "original";
}
