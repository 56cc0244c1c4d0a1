import type { PlaybackClock } from "./playback-clock.ts";
import type { Timeline } from "./timeline.ts";

/**
 * A recording played onto the stream as one or more devices. One item of the replays table, JSON throughout,
 * of a size that does not grow with time.
 *
 * The player announces what it is about to send (`plan`) before it sends it. Everything before the plan was
 * sent; what the plan holds may have been sent. Its positions, with their timestamps, follow from the plan
 * and the recording alone, so a player that takes over after a crash sends exactly the same ones again, and
 * tracking drops the duplicates. A change of rate, a pause or a seek never touches the plan: it takes effect
 * where the plan ends, a second later at most.
 */
export interface Replay {
  readonly replayId: string;
  /** 0 before the first save; every write increases it. */
  readonly version: number;
  readonly status: ReplayStatus;
  /** Why it failed. */
  readonly reason?: string;
  /** The lease: the execution with this number plays; one with a smaller number stops when it next saves. */
  readonly run: number;
  /** True from the start or resumption of a run until its player is up; the clock begins when it is. */
  readonly starting: boolean;
  /** What is played as whom, side by side on one clock. */
  readonly sources: readonly ReplaySource[];
  readonly options: ReplayOptions;
  readonly timeline: Timeline;
  /** The schedule of everything behind the plan. */
  readonly clock: PlaybackClock;
  /** Recorded time at which the next plan begins: where the present one ends, unless a seek moved it. */
  readonly nextOffsetMs: number;
  readonly plan?: ReplayPlan;
  /**
   * For each source the newest timestamp that was sent before the plan, milliseconds since 1970; 0: none yet.
   */
  readonly lastTimestampsMs: readonly number[];
  /** Positions put on the stream before the plan, each device's counted. */
  readonly positionsPublished: number;
  /** When a player last saved; a player that is alive saves about once a second. */
  readonly playerSeenMs: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** The API key that created it; absent where the service runs open. */
  readonly keyId?: string;
  /** Its devices may be played by others too. */
  readonly allowSharedDevices?: boolean;
}

export type ReplayStatus = "playing" | "paused" | "finished" | "failed";

export interface ReplaySource {
  readonly recordingId: string;
  /** The device; with several copies, what their ids begin with. */
  readonly deviceId: string;
  readonly copies: number;
  /** Of the recording: recorded time counts from the first, each recording from its own. */
  readonly firstTimestampMs: number;
  readonly lastTimestampMs: number;
  /** Of the recording; 0 when absent. */
  readonly epoch?: number;
}

export interface ReplayOptions {
  readonly loop: boolean;
  /** `now`: a position's timestamp is the wall time at which it is due. `original`: the recorded one. */
  readonly timestamps: "now" | "original";
}

/**
 * A stretch of recorded time that is being sent: every position from `fromOffsetMs` up to, not including,
 * `untilOffsetMs`.
 */
export interface ReplayPlan {
  /** Counts the replay's plans. */
  readonly sequence: number;
  readonly fromOffsetMs: number;
  readonly untilOffsetMs: number;
  /** The schedule within the plan. */
  readonly clock: PlaybackClock;
}

/** Every device that a replay plays. */
export const devicesOf = ({ sources }: Pick<Replay, "sources">): string[] => sources.flatMap(deviceIdsOf);

/** The devices that a source plays: `<id>`, or `<id>-1` to `<id>-<copies>`. */
export const deviceIdsOf = ({ deviceId, copies }: Pick<ReplaySource, "deviceId" | "copies">): string[] =>
  copies === 1 ? [deviceId] : Array.from({ length: copies }, (_, copy) => `${deviceId}-${copy + 1}`);
