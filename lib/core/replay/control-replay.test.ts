import { describe, expect, test } from "vitest";
import { replayOf, START_MS } from "../../../test/replay-simulation.ts";
import { memoryRecordingStore } from "../../adapters/memory/recording-store.ts";
import { memoryReplayStore } from "../../adapters/memory/replay-store.ts";
import { memoryWorkflowStarter } from "../../adapters/memory/workflow-starter.ts";
import { UnavailableError, VersionConflictError } from "../errors.ts";
import type { Recording } from "../recording/recording.ts";
import type { ReplayChange } from "./change-replay.ts";
import { continueReplay } from "./continue-replay.ts";
import { controlReplay } from "./control-replay.ts";
import { createReplay, type ReplayRequest } from "./create-replay.ts";
import { failReplay } from "./fail-replay.ts";
import { progressOf } from "./progress.ts";
import type { Replay } from "./replay.ts";

const NOW_MS = START_MS + 60_000;
const DURATION_SECONDS = 1_443;

const recording = (recordingId: string, seconds = DURATION_SECONDS): Recording => ({
  recordingId,
  name: recordingId,
  format: "csv",
  contentHash: "",
  positionCount: 1_316,
  firstTimestampMs: 1_000,
  lastTimestampMs: 1_000 + seconds * 1_000,
  medianIntervalMs: 1_000,
  distanceMeters: 1,
  rejectedRowCount: 0,
  duplicateCount: 0,
  createdAtMs: 0,
});

const world = async () => {
  const replays = memoryReplayStore();
  const recordings = memoryRecordingStore();
  const workflows = memoryWorkflowStarter();
  let ids = 0;
  const ports = {
    replays,
    recordings,
    workflows,
    now: () => NOW_MS,
    newId: () => `replay-${++ids}`,
  };
  await recordings.put(recording("drive"));
  await recordings.put(recording("walk", 100));
  const store = (overrides: Partial<Replay>) => replays.save({ ...replayOf([0, 10_000]), ...overrides });
  return { ...ports, ports, store };
};

const deadWorkflows = {
  start: async () => {
    throw new UnavailableError("no answer");
  },
};

describe("creating a replay", () => {
  test("stores it, then starts the execution of its first run", async () => {
    const { ports, replays, workflows } = await world();
    const replay = await createReplay(ports, {
      sources: [{ recordingId: "drive", deviceId: "demo", copies: 4 }, { recordingId: "walk" }],
      rate: 10,
      loop: true,
      startSeconds: 5,
    });
    expect(replay).toMatchObject({
      replayId: "replay-1",
      version: 1,
      status: "playing",
      run: 1,
      starting: true,
      sources: [
        { recordingId: "drive", deviceId: "demo", copies: 4, firstTimestampMs: 1_000 },
        { recordingId: "walk", deviceId: "walk", copies: 1, lastTimestampMs: 101_000 },
      ],
      options: { loop: true, timestamps: "now" },
      timeline: { startMs: 5_000, endMs: 1_443_000, durationMs: 1_443_000, periodMs: 1_439_000 },
      clock: { anchorOffsetMs: 0, rate: 10, paused: false },
    });
    expect(await replays.get("replay-1")).toEqual(replay);
    expect(workflows.started).toEqual([
      {
        workflow: "replay",
        executionName: "replay-1-1",
        input: { replayId: "replay-1", run: 1, chunk: 0 },
      },
    ]);
  });

  const drive = { recordingId: "drive" };
  test.each<[string, ReplayRequest, string, string]>([
    ["rate 0", { sources: [drive], rate: 0 }, "rate", "must be a number from 0.01 to 10000"],
    ["rate NaN", { sources: [drive], rate: Number.NaN }, "rate", "must be a number from 0.01 to 10000"],
    ["rate 10,001", { sources: [drive], rate: 10_001 }, "rate", "must be a number from 0.01 to 10000"],
    [
      "a loop of original timestamps",
      { sources: [drive], loop: true, timestamps: "original" },
      "loop",
      "would send only duplicates with original timestamps",
    ],
    [
      "a start before it",
      { sources: [drive], startSeconds: -1 },
      "start",
      "must be a number of seconds, 0 or more",
    ],
    [
      "an end behind the end",
      { sources: [drive], endSeconds: 1_443.5 },
      "end",
      "must be at most 1443: the recording is 1443 seconds long",
    ],
    [
      "a start behind the end",
      { sources: [drive], startSeconds: 20, endSeconds: 10 },
      "start",
      "must be at most 10: the recording is 1443 seconds long",
    ],
    ["no source", { sources: [] }, "sources", "must be 1 to 20"],
    [
      "half a copy",
      { sources: [{ ...drive, copies: 0.5 }] },
      "copies",
      "must be a whole number from 1 on, and a replay has at most 1000 devices",
    ],
    [
      "too many devices",
      {
        sources: [
          { ...drive, copies: 999 },
          { recordingId: "walk", copies: 2 },
        ],
      },
      "copies",
      "must be a whole number from 1 on, and a replay has at most 1000 devices",
    ],
    [
      "one device for two recordings",
      {
        sources: [
          { ...drive, deviceId: "x", copies: 2 },
          { recordingId: "walk", deviceId: "x-2" },
        ],
      },
      "deviceId",
      "must not be played by two sources",
    ],
    [
      "a device id that grows too long with its number",
      { sources: [{ ...drive, deviceId: "x".repeat(126), copies: 10 }] },
      "deviceId",
      "must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ -",
    ],
  ])("refuses %s and stores nothing", async (_, request, field, rule) => {
    const { ports, replays, workflows } = await world();
    await expect(createReplay(ports, request)).rejects.toMatchObject({
      name: "InvalidInputError",
      problems: [{ field, rule }],
    });
    expect(await replays.list({ limit: 10 })).toEqual({ items: [] });
    expect(workflows.started).toEqual([]);
  });

  test("of a recording that does not exist is refused", async () => {
    const { ports } = await world();
    await expect(createReplay(ports, { sources: [{ recordingId: "none" }] })).rejects.toMatchObject({
      name: "NotFoundError",
      message: "recording none does not exist",
    });
  });

  test("stays, failed, when the workflow does not start, and paused: false starts it after all", async () => {
    const { ports, replays, workflows } = await world();
    const failing = createReplay({ ...ports, workflows: deadWorkflows }, { sources: [drive] });
    await expect(failing).rejects.toThrow(UnavailableError);
    expect(await replays.get("replay-1")).toMatchObject({
      status: "failed",
      reason: "the workflow did not start: UnavailableError: no answer",
    });
    const replay = await controlReplay(ports, "replay-1", { paused: false });
    expect(replay).toMatchObject({ status: "playing", run: 2, starting: true });
    expect(replay.reason).toBeUndefined();
    expect(workflows.started.map(({ executionName }) => executionName)).toEqual(["replay-1-2"]);
  });
});

describe("changing a replay", () => {
  const clock = { anchorOffsetMs: 0, anchorWallMs: START_MS, rate: 1, paused: false };
  /** Announced until a second from now. */
  const playing: Partial<Replay> = {
    starting: false,
    clock,
    playerSeenMs: NOW_MS,
    nextOffsetMs: 61_000,
    timeline: { startMs: 0, endMs: 100_000, durationMs: 100_000, periodMs: 101_000 },
    plan: { sequence: 5, fromOffsetMs: 60_000, untilOffsetMs: 61_000, clock },
  };

  test("never touches the plan, and counts from its end", async () => {
    const { ports, store } = await world();
    await store(playing);
    const replay = await controlReplay(ports, "replay", { rate: 4 });
    expect(replay.plan).toEqual(playing.plan);
    expect(replay.clock).toEqual({
      anchorOffsetMs: 61_000,
      anchorWallMs: START_MS + 61_000,
      rate: 4,
      paused: false,
    });
    expect(replay).toMatchObject({ nextOffsetMs: 61_000, run: 1 });
  });

  test("counts from now when the plan's end is past, as it is after a crash", async () => {
    const { ports, store } = await world();
    await store({ ...playing, nextOffsetMs: 20_000 });
    const { clock: changed } = await controlReplay(ports, "replay", { rate: 2 });
    expect(changed).toEqual({ anchorOffsetMs: 20_000, anchorWallMs: NOW_MS, rate: 2, paused: false });
  });

  test("takes rate, seek and pause at once", async () => {
    const { ports, store, workflows } = await world();
    await store({ ...playing, options: { loop: true, timestamps: "now" }, nextOffsetMs: 101_000 * 2 + 500 });
    const replay = await controlReplay(ports, "replay", { rate: 0.5, paused: true, seekSeconds: 12.5 });
    expect(replay).toMatchObject({
      status: "paused",
      nextOffsetMs: 101_000 * 2 + 12_500,
      clock: { anchorOffsetMs: 101_000 * 2 + 12_500, rate: 0.5, paused: true },
    });
    expect(workflows.started).toEqual([]);
  });

  test.each([-1, 100.001, 1e9, Number.NaN])(
    "refuses to seek to %d and tells the duration",
    async (seekSeconds) => {
      const { ports, store, replays } = await world();
      const before = await store(playing);
      await expect(controlReplay(ports, "replay", { seekSeconds })).rejects.toMatchObject({
        name: "InvalidInputError",
        problems: [
          {
            field: "seek",
            rule: "must be from 0 to 100: seconds of recorded time, of which the recording has 100",
          },
        ],
      });
      expect(await replays.get("replay")).toEqual(before);
    },
  );

  test.each([0, -1, Number.NaN, 10_001, 0.009])("refuses rate %d", async (rate) => {
    const { ports, store } = await world();
    await store(playing);
    await expect(controlReplay(ports, "replay", { rate })).rejects.toMatchObject({
      name: "InvalidInputError",
    });
  });

  test.each<[string, Partial<Replay>, ReplayChange, string | Partial<Replay>]>([
    [
      "a finished one without a seek",
      { status: "finished" },
      { paused: false },
      "has finished: seek to play it again",
    ],
    ["a finished one with a seek", { status: "finished" }, { seekSeconds: 1 }, { status: "playing", run: 2 }],
    [
      "a finished one with a seek and a pause",
      { status: "finished" },
      { seekSeconds: 1, paused: true },
      { status: "paused", run: 1 },
    ],
    [
      "a failed one without paused: false",
      { status: "failed" },
      { rate: 2 },
      "has failed: start it again with paused: false",
    ],
    ["a failed one with it", { status: "failed" }, { paused: false, rate: 2 }, { status: "playing", run: 2 }],
    ["a paused one's rate", { status: "paused" }, { rate: 2 }, { status: "paused", run: 1 }],
    [
      "a paused one: resumed",
      { status: "paused" },
      { paused: false },
      { status: "playing", run: 2, starting: true },
    ],
    ["a playing one: paused", {}, { paused: true }, { status: "paused", run: 1 }],
    [
      "a playing one that is told to play",
      {},
      { paused: false },
      { status: "playing", run: 1, starting: false },
    ],
    [
      "a playing one whose player is dead",
      { playerSeenMs: NOW_MS - 61_000 },
      { paused: false },
      { status: "playing", run: 2, starting: true },
    ],
  ])("%s", async (_, overrides, change, expected) => {
    const { ports, store, workflows } = await world();
    await store({ ...playing, ...overrides });
    const changing = controlReplay(ports, "replay", change);
    if (typeof expected === "string") {
      await expect(changing).rejects.toMatchObject({
        name: "ConflictError",
        message: `replay replay ${expected}`,
      });
      return;
    }
    expect(await changing).toMatchObject(expected);
    const runs = workflows.started.map(({ input }) => (input as { run: number }).run);
    const asked = expected.status === "playing" && (expected.run === 2 || change.paused === false);
    expect(runs).toEqual(asked ? [expected.run] : []);
  });

  test("decides again when another writer was faster, and gives up when all the others always are", async () => {
    const { ports, store, replays } = await world();
    await store(playing);
    let lost = 0;
    const contested = (losses: number) => ({
      ...replays,
      save: async (replay: Replay) => {
        if (lost++ < losses) {
          const other = await replays.get("replay");
          if (other) await replays.save({ ...other, positionsPublished: other.positionsPublished + 1 });
          throw new VersionConflictError("lost");
        }
        return replays.save(replay);
      },
    });
    const replay = await controlReplay({ ...ports, replays: contested(9) }, "replay", { rate: 3 });
    expect(replay).toMatchObject({ positionsPublished: 9, clock: { rate: 3 } });
    lost = 0;
    await expect(
      controlReplay({ ...ports, replays: contested(10) }, "replay", { rate: 5 }),
    ).rejects.toMatchObject({
      name: "ConflictError",
      message: "replay replay is being changed by many at once: try again",
    });
    expect((await replays.get("replay"))?.clock.rate).toBe(3);
  });

  test("of an unknown one is refused", async () => {
    const { ports } = await world();
    await expect(controlReplay(ports, "none", { rate: 1 })).rejects.toMatchObject({ name: "NotFoundError" });
  });
});

describe("handing over", () => {
  test("raises the run once and starts its execution, however often it is repeated", async () => {
    const { ports, store, replays, workflows } = await world();
    await store({ starting: false });
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await continueReplay(ports, { replayId: "replay", run: 1 })).toEqual({ status: "continued" });
    }
    expect(await replays.get("replay")).toMatchObject({ run: 2, version: 2, starting: false });
    expect(workflows.started.map(({ executionName }) => executionName)).toEqual(["replay-2"]);
  });

  test.each<[string, Partial<Replay>]>([
    ["paused", { status: "paused" }],
    ["taken by a later run", { run: 3 }],
  ])("starts nothing for a replay that was %s", async (_, overrides) => {
    const { ports, store, workflows } = await world();
    await store(overrides);
    expect(await continueReplay(ports, { replayId: "replay", run: 1 })).toEqual({ status: "stopped" });
    expect(await continueReplay(ports, { replayId: "deleted", run: 1 })).toEqual({ status: "stopped" });
    expect(workflows.started).toEqual([]);
  });
});

describe("marking as failed", () => {
  test("tells why, keeps the plan, and can be repeated", async () => {
    const { ports, store, replays } = await world();
    const before = await store({});
    for (let attempt = 0; attempt < 2; attempt++) {
      await failReplay(ports, { replayId: "replay", run: 1, reason: "r".repeat(1_000) });
    }
    const failed = await replays.get("replay");
    expect(failed).toMatchObject({
      ...before,
      status: "failed",
      reason: "r".repeat(500),
      version: 2,
      starting: false,
      updatedAtMs: NOW_MS,
    });
  });

  test.each<[string, Partial<Replay>]>([
    ["paused", { status: "paused" }],
    ["finished", { status: "finished" }],
    ["taken by a later run", { run: 3 }],
  ])("leaves a replay that was %s as it is", async (_, overrides) => {
    const { ports, store, replays } = await world();
    const before = await store(overrides);
    await failReplay(ports, { replayId: "replay", run: 1, reason: "late" });
    expect(await replays.get("replay")).toEqual(before);
    await failReplay(ports, { replayId: "deleted", run: 1, reason: "late" });
  });
});

describe("progress", () => {
  const clock = { anchorOffsetMs: 0, anchorWallMs: START_MS, rate: 1, paused: false };
  const replay: Replay = {
    ...replayOf([0, 100_000]),
    options: { loop: true, timestamps: "now" },
    timeline: { startMs: 20_000, endMs: 60_000, durationMs: 100_000, periodMs: 41_000 },
    nextOffsetMs: 44_000,
    plan: { sequence: 1, fromOffsetMs: 43_000, untilOffsetMs: 44_000, clock },
  };

  test.each([
    ["before the plan", 0, 22, 1],
    ["within it", 43_600, 22.6, 1],
    ["long after it, its player being dead", 999_000, 23, 1],
  ])("is what was announced: %s", (_, afterMs, offsetSeconds, iteration) => {
    expect(progressOf(replay, START_MS + afterMs)).toEqual({
      offsetSeconds,
      durationSeconds: 100,
      fraction: expect.closeTo((offsetSeconds - 20) / 40),
      iteration,
      positionsPublished: 0,
    });
  });

  test("is whole when it has finished, also of a single position", () => {
    const finished: Replay = {
      ...replay,
      options: { loop: false, timestamps: "now" },
      status: "finished",
      plan: undefined,
      nextOffsetMs: 40_000,
    };
    expect(progressOf(finished, START_MS)).toMatchObject({ offsetSeconds: 60, fraction: 1, iteration: 0 });
    const single: Replay = {
      ...finished,
      timeline: { startMs: 0, endMs: 0, durationMs: 0, periodMs: 1 },
      nextOffsetMs: 0,
    };
    expect(progressOf(single, START_MS)).toMatchObject({ offsetSeconds: 0, fraction: 1 });
  });
});
