import { ConflictError, type FieldProblem } from "../errors.ts";
import { refuseProblems } from "../field-problems.ts";
import {
  changeRate,
  dueAt,
  MAXIMUM_RATE,
  MINIMUM_RATE,
  type PlaybackClock,
  pauseClock,
  resumeClock,
  seekClock,
} from "./playback-clock.ts";
import type { Replay } from "./replay.ts";
import { iterationAt, offsetOf } from "./timeline.ts";

/** What a caller wants changed; all of it at once. */
export interface ReplayChange {
  readonly rate?: number;
  readonly paused?: boolean;
  /**
   * Recorded time to go to, seconds since the recordings' first positions; within the iteration that is
   * playing.
   */
  readonly seekSeconds?: number;
}

/**
 * A player that saved nothing for this long has died, and so have all its retries, whose longest pause is
 * half of this.
 */
const PLAYER_SILENT_MS = 60_000;

/**
 * The replay with a change. It takes effect where the present plan ends, or now if that is past, and
 * continues exactly there: nothing is left out or sent twice except by a seek.
 *
 * A finished replay plays again after a seek, a failed one after `paused: false`, from where it had come to.
 * A new run starts with it; also when it is said to play but its player has died. InvalidInputError,
 * ConflictError.
 */
export const changeReplay = (replay: Replay, change: ReplayChange, nowMs: number): Replay => {
  refuseProblems(change.rate === undefined ? [] : rateProblems(change.rate));
  if (replay.status === "failed" && change.paused !== false) {
    throw new ConflictError(`replay ${replay.replayId} has failed: start it again with paused: false`);
  }
  if (replay.status === "finished" && change.seekSeconds === undefined) {
    throw new ConflictError(`replay ${replay.replayId} has finished: seek to play it again`);
  }
  const nextOffsetMs = seekTarget(replay, change.seekSeconds);
  const isPaused = change.paused ?? replay.status === "paused";
  const dead = change.paused === false && nowMs - replay.playerSeenMs > PLAYER_SILENT_MS;
  const starts = !isPaused && (replay.status !== "playing" || dead);
  return {
    ...replay,
    status: isPaused ? "paused" : "playing",
    reason: undefined,
    run: replay.run + (starts ? 1 : 0),
    starting: !isPaused && (starts || replay.starting),
    playerSeenMs: starts ? nowMs : replay.playerSeenMs,
    clock: changeClock(replay, { ...change, paused: isPaused }, nextOffsetMs, nowMs),
    nextOffsetMs,
    updatedAtMs: nowMs,
  };
};

const changeClock = (
  { clock: before, nextOffsetMs: cameToMs }: Replay,
  { rate, paused }: ReplayChange,
  nextOffsetMs: number,
  nowMs: number,
): PlaybackClock => {
  // A paused clock is never due behind its anchor, and its anchor is where it came to.
  const fromWallMs = Math.max(
    nowMs,
    Math.ceil(before.paused ? before.anchorWallMs : dueAt(before, cameToMs)),
  );
  const here = seekClock(before, fromWallMs, nextOffsetMs);
  const clock = rate === undefined ? here : changeRate(here, fromWallMs, rate);
  return paused ? pauseClock(clock, fromWallMs) : resumeClock(clock, fromWallMs);
};

const seekTarget = ({ timeline, nextOffsetMs, options }: Replay, seekSeconds: number | undefined): number => {
  if (seekSeconds === undefined) return nextOffsetMs;
  const recordedMs = Math.round(seekSeconds * 1000);
  if (!(recordedMs >= timeline.startMs && recordedMs <= timeline.endMs)) {
    const from = timeline.startMs / 1000;
    const until = timeline.endMs / 1000;
    const duration = timeline.durationMs / 1000;
    const rule = `must be from ${from} to ${until}: seconds of recorded time, of which the recording has ${duration}`;
    refuseProblems([{ field: "seek", value: seekSeconds, rule }]);
  }
  return offsetOf(timeline, recordedMs, iterationAt(timeline, nextOffsetMs, options.loop));
};

export const rateProblems = (rate: number): FieldProblem[] =>
  rate >= MINIMUM_RATE && rate <= MAXIMUM_RATE
    ? []
    : [{ field: "rate", value: rate, rule: `must be a number from ${MINIMUM_RATE} to ${MAXIMUM_RATE}` }];
