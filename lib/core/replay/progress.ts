import { offsetAt } from "./playback-clock.ts";
import type { Replay } from "./replay.ts";
import { iterationAt, lengthOf, recordedAt } from "./timeline.ts";

export interface ReplayProgress {
  /** Recorded time, seconds since the recordings' first positions. */
  readonly offsetSeconds: number;
  /** Length of the longest recording. */
  readonly durationSeconds: number;
  /** Of the played part, 0 to 1. */
  readonly fraction: number;
  /** From 0; more than that in a loop only. */
  readonly iteration: number;
  /** Put on the stream so far, each device's counted; a second behind at most while it plays. */
  readonly positionsPublished: number;
}

/** How far a replay is at `nowMs`. Never ahead of what a player has announced, so a dead player shows. */
export const progressOf = (replay: Replay, nowMs: number): ReplayProgress => {
  const { timeline, options, positionsPublished } = replay;
  const offsetMs = presentOffset(replay, nowMs);
  const recordedMs = recordedAt(timeline, offsetMs, options.loop);
  const lengthMs = lengthOf(timeline);
  const finished = replay.status === "finished" ? 1 : 0;
  return {
    offsetSeconds: Math.round(recordedMs) / 1000,
    durationSeconds: timeline.durationMs / 1000,
    fraction: lengthMs > 0 ? (recordedMs - timeline.startMs) / lengthMs : finished,
    iteration: iterationAt(timeline, offsetMs, options.loop),
    positionsPublished,
  };
};

/**
 * Where a pause comes to rest, and where a seek leads, is what counts, though the plan before it is still
 * being sent.
 */
const presentOffset = ({ plan, nextOffsetMs, status }: Replay, nowMs: number): number =>
  plan && status !== "paused" && plan.untilOffsetMs === nextOffsetMs
    ? Math.min(Math.max(offsetAt(plan.clock, nowMs), plan.fromOffsetMs), plan.untilOffsetMs)
    : nextOffsetMs;
