import { offsetAt } from "./playback-clock.ts";
import { deviceIdsOf, type Replay, type ReplayStatus } from "./replay.ts";
import { iterationAt, lengthOf, recordedAt } from "./timeline.ts";

/** A replay as the API shows it. */
export interface ReplayDescription {
  readonly replayId: string;
  readonly status: ReplayStatus;
  /** Why it failed. */
  readonly reason?: string;
  readonly rate: number;
  readonly loop: boolean;
  readonly timestamps: "now" | "original";
  /** The part of the recordings that is played, seconds since their first positions. */
  readonly start: number;
  readonly end: number;
  readonly sources: readonly { readonly recordingId: string; readonly deviceIds: readonly string[] }[];
  readonly progress: ReplayProgress;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly links: Readonly<Record<"self" | "firstDevice" | "firstTrack" | "recording", string>>;
}

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

/** A replay as it stands at `nowMs`. Progress never runs ahead of what a player has announced: a dead player shows. */
export const describeReplay = (replay: Replay, nowMs: number): ReplayDescription => {
  const { replayId, status, reason, clock, options, timeline } = replay;
  const sources = replay.sources.map((source) => ({
    recordingId: source.recordingId,
    deviceIds: deviceIdsOf(source),
  }));
  const device = `/devices/${encodeURIComponent(sources[0].deviceIds[0])}`;
  return {
    replayId,
    status,
    ...(reason !== undefined && { reason }),
    rate: clock.rate,
    ...options,
    start: timeline.startMs / 1000,
    end: timeline.endMs / 1000,
    sources,
    progress: progressOf(replay, nowMs),
    createdAt: new Date(replay.createdAtMs).toISOString(),
    updatedAt: new Date(replay.updatedAtMs).toISOString(),
    links: {
      self: `/replays/${encodeURIComponent(replayId)}`,
      firstDevice: device,
      firstTrack: `${device}/track`,
      recording: `/recordings/${encodeURIComponent(sources[0].recordingId)}`,
    },
  };
};

const progressOf = (replay: Replay, nowMs: number): ReplayProgress => {
  const { timeline, options, positionsPublished } = replay;
  const offsetMs = offsetOfReplay(replay, nowMs);
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

const offsetOfReplay = ({ plan, nextOffsetMs }: Replay, nowMs: number): number =>
  plan
    ? Math.min(Math.max(offsetAt(plan.clock, nowMs), plan.fromOffsetMs), plan.untilOffsetMs)
    : nextOffsetMs;
