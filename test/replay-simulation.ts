import { memoryReplayStore } from "../lib/adapters/memory/replay-store.ts";
import { memoryTrackStore } from "../lib/adapters/memory/track-store.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import { ConflictError } from "../lib/core/errors.ts";
import { PositionBuffer } from "../lib/core/position/position-buffer.ts";
import type { ReplayChange } from "../lib/core/replay/change-replay.ts";
import { continueReplay } from "../lib/core/replay/continue-replay.ts";
import { controlReplay } from "../lib/core/replay/control-replay.ts";
import { type PlayLimits, type PlayRequest, playReplay } from "../lib/core/replay/play.ts";
import type { Replay, ReplayPlan } from "../lib/core/replay/replay.ts";
import type { ReplayStore } from "../lib/core/replay/replay-store.ts";
import { decodeSegment, encodeSegment } from "../lib/core/segment/segment.ts";
import type { PositionStream } from "../lib/core/stream/position-stream.ts";
import { recordingTrack } from "../lib/core/track/track-store.ts";
import type { WorkflowStarter } from "../lib/core/workflow/workflow-starter.ts";
import { claimPorts } from "./claims.ts";
import { VirtualTime } from "./virtual-time.ts";

export const START_MS = Date.parse("2026-11-20T12:00:00Z");
/** Recorded time of the first position. Recordings could have different ones; it would make no difference. */
export const RECORDED_MS = Date.parse("2019-12-24T20:21:27.999Z");

/** A position as it was sent. */
export interface Sent {
  readonly deviceId: string;
  readonly timestampMs: number;
  /** Its index in the recording. */
  readonly index: number;
  readonly sentMs: number;
}

export interface SimulationOptions {
  readonly limits?: PlayLimits;
  /** How long successive calls to the table and to the stream take. */
  readonly latenciesMs?: readonly number[];
  /** Calls, counted from 0, during which the caller dies: before the call has an effect, or after. */
  readonly deaths?: ReadonlyMap<number, "before" | "after">;
  /** How long the workflow waits before it retries. */
  readonly retryMs?: number;
}

/** The error that kills a player. */
class Death extends Error {}

/** The replay workflow with its players, PATCHes and deaths, in virtual time. */
export class ReplaySimulation {
  readonly time = new VirtualTime(START_MS);
  readonly sent: Sent[] = [];
  /** Accepted changes, each with its version. */
  readonly changes: { readonly version: number; readonly change: ReplayChange }[] = [];
  readonly started = new Set<string>();
  /** In the order of the players' announcements. */
  readonly plans: ReplayPlan[] = [];
  readonly replays: ReplayStore;
  /** Size of each publish call: positions in its largest record, and in total. */
  readonly publishes: { readonly largestRecord: number; readonly positions: number }[] = [];
  readonly #options: SimulationOptions;
  readonly #tracks = memoryTrackStore();
  readonly #store = memoryReplayStore();
  #calls = 0;
  /** Rejects when a player fails with anything except death; otherwise it stays pending for ever. */
  readonly failed: Promise<never>;
  #fail: (error: unknown) => void = () => undefined;

  constructor(options: SimulationOptions = {}) {
    this.#options = options;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
    this.replays = {
      get: (replayId) => this.#call(() => this.#store.get(replayId)),
      save: (replay) =>
        this.#call(async () => {
          const saved = await this.#store.save(replay);
          if (saved.plan) this.plans.push(saved.plan);
          return saved;
        }),
      list: (request) => this.#store.list(request),
      remove: (replayId) => this.#call(() => this.#store.remove(replayId)),
    };
  }

  /** The item, read without a call that could fail. */
  read(replayId: string): Promise<Replay | undefined> {
    return this.#store.get(replayId);
  }

  /**
   * Stores a recording with positions at these times since its first; the elevation is the position's index.
   */
  async record(recordingId: string, offsetsMs: readonly number[]): Promise<void> {
    const SEGMENT = 7;
    for (let from = 0; from < offsetsMs.length; from += SEGMENT) {
      const part = offsetsMs.slice(from, from + SEGMENT);
      const positions = PositionBuffer.from(
        part.map((offsetMs, index) => ({
          timestampMs: RECORDED_MS + offsetMs,
          latitude: 48,
          longitude: 11,
          elevationMeters: from + index,
        })),
      );
      await this.#tracks.put(recordingTrack(recordingId), [
        {
          kind: "sealed",
          firstTimestampMs: RECORDED_MS + part[0],
          lastTimestampMs: RECORDED_MS + part[part.length - 1],
          positionCount: part.length,
          data: encodeSegment(positions),
        },
      ]);
    }
  }

  /** Flips a bit in the stored segment that holds the position at this time since the first. */
  async damage(recordingId: string, offsetMs: number): Promise<void> {
    const trackId = recordingTrack(recordingId);
    const moment = RECORDED_MS + offsetMs;
    for await (const segment of this.#tracks.segments(trackId, { fromMs: moment, toMs: moment })) {
      if (segment.kind === "late") continue;
      const data = segment.data.slice();
      data[5] ^= 1;
      await this.#tracks.put(trackId, [{ ...segment, data }]);
    }
  }

  removeTrack(recordingId: string): Promise<void> {
    return this.#tracks.remove(recordingTrack(recordingId));
  }

  /** Stores a replay as createReplay does, and starts it. */
  async create(replay: Replay): Promise<void> {
    await this.workflows.start("replay", "", await this.#saveFirst(replay));
  }

  /** Changes the replay after a while, like a user who retries when the service fails. */
  async patch(replayId: string, afterMs: number, change: ReplayChange): Promise<void> {
    await this.time.sleep(afterMs);
    const { now } = this.time;
    for (;;) {
      try {
        const saved = await controlReplay(
          { replays: this.#store, workflows: this.workflows, ...claimPorts(), now },
          replayId,
          change,
        );
        this.changes.push({ version: saved.version, change });
        return;
      } catch (error) {
        if (error instanceof ConflictError) return;
        throw error;
      }
    }
  }

  /** Like workflows/replay.asl.json, without the waiting between chunks. */
  readonly workflows: WorkflowStarter = {
    start: async (_workflow, _name, input) => {
      const { replayId, run } = input as PlayRequest;
      const name = `${replayId}-${run}`;
      if (this.started.has(name)) return;
      this.started.add(name);
      this.#execute({ replayId, run, chunk: 0 }).catch(this.#fail);
    },
  };

  async #execute(request: PlayRequest): Promise<void> {
    const limits = this.#options.limits ?? { chunkSeconds: 240, handoverChunks: 750 };
    const { now, sleep } = this.time;
    const ports = {
      replays: this.replays,
      tracks: this.#tracks,
      stream: this.#stream,
      compression: zstd,
      now,
      sleep,
    };
    let next = request;
    for (;;) {
      const outcome = await this.#untilAlive(() => playReplay(ports, next, limits));
      if (outcome.status === "handover") {
        await this.#untilAlive(() =>
          continueReplay({ replays: this.replays, workflows: this.workflows, now }, outcome),
        );
      }
      if (outcome.status !== "playing") return;
      next = outcome;
    }
  }

  async #untilAlive<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Death)) throw error;
        await this.time.sleep(this.#options.retryMs ?? 700);
      }
    }
  }

  async #saveFirst(replay: Replay): Promise<PlayRequest> {
    const { replayId, run } = await this.#store.save(replay);
    return { replayId, run, chunk: 0 };
  }

  readonly #stream: PositionStream = {
    publish: (records) =>
      this.#call(async () => {
        const counts: number[] = [];
        const devices = new Set<string>();
        for (const { deviceId, data } of records) {
          if (devices.has(deviceId)) throw new Error(`two records for ${deviceId} in one call`);
          devices.add(deviceId);
          const positions = decodeSegment(data, zstd);
          counts.push(positions.count);
          for (const { timestampMs, elevationMeters } of positions) {
            this.sent.push({ deviceId, timestampMs, index: elevationMeters ?? -1, sentMs: this.time.now() });
          }
        }
        this.publishes.push({
          largestRecord: Math.max(...counts),
          positions: counts.reduce((sum, count) => sum + count, 0),
        });
      }),
  };

  async #call<Result>(effect: () => Promise<Result>): Promise<Result> {
    const call = this.#calls++;
    const { latenciesMs = [0], deaths } = this.#options;
    const latencyMs = latenciesMs[call % latenciesMs.length];
    if (latencyMs > 0) await this.time.sleep(latencyMs);
    if (deaths?.get(call) === "before") throw new Death();
    const result = await effect();
    if (deaths?.get(call) === "after") throw new Death();
    return result;
  }
}

/** A replay as createReplay would store it, for one recording with positions at these times. */
export const replayOf = (
  offsetsMs: readonly number[],
  overrides: Partial<Pick<Replay, "options" | "sources" | "timeline" | "clock">> = {},
): Replay => {
  const durationMs = offsetsMs[offsetsMs.length - 1];
  return {
    replayId: "replay",
    version: 0,
    status: "playing",
    run: 1,
    starting: true,
    sources: [
      {
        recordingId: "recording",
        deviceId: "car",
        copies: 1,
        firstTimestampMs: RECORDED_MS,
        lastTimestampMs: RECORDED_MS + durationMs,
      },
    ],
    options: { loop: false, timestamps: "now" },
    timeline: { startMs: 0, endMs: durationMs, durationMs, periodMs: durationMs + 1_000 },
    clock: { anchorOffsetMs: 0, anchorWallMs: START_MS, rate: 1, paused: false },
    nextOffsetMs: 0,
    lastTimestampsMs: [0],
    positionsPublished: 0,
    playerSeenMs: START_MS,
    createdAtMs: START_MS,
    updatedAtMs: START_MS,
    ...overrides,
  };
};
