import { VersionConflictError } from "../errors.ts";
import type { SegmentPorts } from "../track/damaged-segment.ts";
import { readTrack } from "../track/read-track.ts";
import { recordingTrack, type TrackStore } from "../track/track-store.ts";
import { type Proposal, proposePlan, repeatPlan, settlePlan } from "./plan.ts";
import { type PublishingPorts, publishWindow } from "./publish-window.ts";
import type { Replay, ReplayPlan, ReplayStatus } from "./replay.ts";
import type { ReplayStore } from "./replay-store.ts";
import { type ReadPage, SourceCursor } from "./source-cursor.ts";
import type { ReplayWindow } from "./window.ts";

export interface PlayerPorts extends PublishingPorts, SegmentPorts {
  readonly replays: ReplayStore;
  readonly tracks: TrackStore;
}

/** What one step of the workflow is asked to play. */
export interface PlayRequest {
  readonly replayId: string;
  /** The lease; see Replay.run. */
  readonly run: number;
  /** How many steps this execution has made before. */
  readonly chunk: number;
}

export interface PlayLimits {
  /** How long one step plays. */
  readonly chunkSeconds: number;
  /** After so many steps the replay is handed to a fresh execution. */
  readonly handoverChunks: number;
}

/**
 * `stopped`: the replay was deleted, or another run has taken it. `handover`: still playing, to be continued
 * by a new execution.
 */
export interface PlayOutcome extends PlayRequest {
  readonly status: ReplayStatus | "stopped" | "handover";
}

/** Positions of a recording that are decoded at a time: with 12 fields about 110 KB. */
const PAGE_POSITIONS = 2_000;

/**
 * Plays a replay until it is paused, finished or deleted, or until the step's time is up.
 *
 * Each turn of the loop sends the plan that the item holds, then announces the next one. The save has the
 * item's version as its condition: if the replay was changed meanwhile it fails, the item is read again, and
 * the change counts from there. Throws what its ports throw; called again, it continues as if nothing had
 * happened.
 */
export const playReplay = async (
  ports: PlayerPorts,
  request: PlayRequest,
  { chunkSeconds, handoverChunks }: PlayLimits,
): Promise<PlayOutcome> => {
  const { replayId, run } = request;
  const chunk = request.chunk + 1;
  const endsMs = ports.now() + chunkSeconds * 1000;
  let replay = await ports.replays.get(replayId);
  const cursors = replay ? openCursors(ports, replay) : [];
  let sent: Sent | undefined;
  while (replay?.run === run) {
    if (replay.plan && replay.plan.sequence !== sent?.sequence) {
      sent = await send(ports, replay.plan, await repeatPlan(cursors, replay, replay.plan));
    }
    const settled = replay.plan && sent ? settlePlan(replay, sent.window) : replay;
    const nowMs = ports.now();
    const isOver = settled.status !== "playing" || nowMs >= endsMs;
    const next: Proposal = isOver ? { replay: settled } : await proposePlan(cursors, settled, nowMs);
    if ("idleUntilMs" in next) {
      await ports.sleep(next.idleUntilMs - nowMs);
      continue;
    }
    const saved = next.replay === replay ? replay : await save(ports, next.replay, nowMs);
    if (saved && !saved.plan) {
      const playing = chunk < handoverChunks ? "playing" : "handover";
      return { replayId, run, chunk, status: saved.status === "playing" ? playing : saved.status };
    }
    if (saved?.plan && next.window) sent = await send(ports, saved.plan, next.window);
    replay = saved ?? (await ports.replays.get(replayId));
  }
  return { replayId, run, chunk, status: "stopped" };
};

/** The plan that this player has sent last. */
interface Sent {
  readonly sequence: number;
  readonly window: ReplayWindow;
}

const send = async (ports: PlayerPorts, { sequence }: ReplayPlan, window: ReplayWindow): Promise<Sent> => {
  await publishWindow(ports, window);
  return { sequence, window };
};

/** Undefined when the replay was changed or deleted since it was read. */
const save = async (ports: PlayerPorts, replay: Replay, nowMs: number): Promise<Replay | undefined> => {
  try {
    return await ports.replays.save({ ...replay, playerSeenMs: nowMs, updatedAtMs: nowMs });
  } catch (error) {
    if (error instanceof VersionConflictError) return undefined;
    throw error;
  }
};

const openCursors = (ports: PlayerPorts, { sources, timeline, options }: Replay): SourceCursor[] =>
  sources.map((source) => {
    const trackId = recordingTrack(source.recordingId, source.epoch);
    const read: ReadPage = (fromMs, toMs) =>
      readTrack(ports, trackId, { fromMs, toMs, limit: PAGE_POSITIONS });
    return new SourceCursor(read, source, timeline, options.loop);
  });
