import { describe, expect, test, vi } from "vitest";
import { createHandler as createContinue } from "../../functions/replays/continue-replay/handler.ts";
import { createHandler as createFail } from "../../functions/replays/fail-replay/handler.ts";
import { createHandler as createPlay } from "../../functions/replays/play-replay/handler.ts";
import { memoryPositionStream } from "../../lib/adapters/memory/position-stream.ts";
import { memoryReplayStore } from "../../lib/adapters/memory/replay-store.ts";
import { memoryTrackStore } from "../../lib/adapters/memory/track-store.ts";
import { memoryWorkflowStarter } from "../../lib/adapters/memory/workflow-starter.ts";
import { zstd } from "../../lib/adapters/zstd.ts";
import { ThrottledError, UnavailableError, VersionConflictError } from "../../lib/core/errors.ts";
import { PositionBuffer } from "../../lib/core/position/position-buffer.ts";
import { HANDOVER_CHUNKS } from "../../lib/core/replay/continue-replay.ts";
import type { PlayOutcome } from "../../lib/core/replay/play.ts";
import type { Replay } from "../../lib/core/replay/replay.ts";
import { decodeSegment, encodeSegment } from "../../lib/core/segment/segment.ts";
import { recordingTrack } from "../../lib/core/track/track-store.ts";
import { claimPorts } from "../claims.ts";
import { RECORDED_MS, replayOf, START_MS } from "../replay-simulation.ts";
import { asTask, type Functions, runWorkflow, sampleInput, statesOf } from "./run-workflow.ts";

const SECONDS = 20;
const input = sampleInput("replay");

/** Fails the first `times` calls with an error, counting all of them. */
const failing = (times: number, error: () => Error) => {
  const counter = { calls: 0 };
  const guard =
    <Arguments extends unknown[], Result>(call: (...all: Arguments) => Promise<Result>) =>
    async (...all: Arguments): Promise<Result> => {
      if (counter.calls++ < times) throw error();
      return call(...all);
    };
  return { counter, guard };
};

const world = async (overrides: Partial<Replay> = {}) => {
  const replays = memoryReplayStore();
  const tracks = memoryTrackStore();
  const stream = memoryPositionStream();
  const workflows = memoryWorkflowStarter();
  const seconds = Array.from({ length: SECONDS + 1 }, (_, second) => second);
  const positions = PositionBuffer.from(
    seconds.map((second) => ({ timestampMs: RECORDED_MS + second * 1_000, latitude: 48, longitude: 11 })),
  );
  await tracks.put(recordingTrack("recording"), [
    {
      kind: "sealed",
      firstTimestampMs: RECORDED_MS,
      lastTimestampMs: RECORDED_MS + SECONDS * 1_000,
      positionCount: positions.count,
      data: encodeSegment(positions),
    },
  ]);
  await replays.save({
    ...replayOf(seconds.map((second) => second * 1_000)),
    replayId: input.replayId,
    ...overrides,
  });
  let nowMs = START_MS;
  const ports = {
    replays,
    tracks,
    stream,
    workflows,
    ...claimPorts(),
    compression: zstd,
    now: () => nowMs,
    sleep: async (milliseconds: number) => {
      nowMs += milliseconds;
    },
  };
  const functionsWith = (changed: Partial<typeof ports> = {}): Functions => ({
    "play-replay": asTask(createPlay(() => ({ ...ports, ...changed }), 5)),
    "continue-replay": asTask(createContinue(() => ({ ...ports, ...changed }))),
    "fail-replay": asTask(createFail(() => ({ ...ports, ...changed }))),
  });
  const read = () => replays.get(input.replayId);
  const timestamps = () =>
    stream.records.flatMap(({ data }) =>
      [...decodeSegment(data, zstd)].map(({ timestampMs }) => timestampMs),
    );
  return { ports, functionsWith, read, timestamps };
};

const DUE = Array.from({ length: SECONDS + 1 }, (_, second) => START_MS + 100 + second * 1_000);

describe("the replay workflow", () => {
  test("plays in chunks until the replay has finished", async () => {
    const { functionsWith, read, timestamps } = await world();
    const run = await runWorkflow("replay", input, functionsWith());
    expect(run.failure).toBeUndefined();
    expect(run.output).toEqual({ ...input, chunk: run.calls.length, status: "finished" });
    expect(run.calls.length).toBeGreaterThanOrEqual(4);
    expect(new Set(run.calls)).toEqual(new Set(["play-replay"]));
    expect(timestamps()).toEqual(DUE);
    expect(await read()).toMatchObject({ status: "finished", positionsPublished: SECONDS + 1 });
  });

  test.each<[string, Partial<Replay>]>([
    ["paused", { status: "paused" }],
    ["taken by another run", { run: 2 }],
    ["failed meanwhile", { status: "failed" }],
  ])("ends without playing a replay that was %s", async (_, overrides) => {
    const { functionsWith, timestamps } = await world(overrides);
    const run = await runWorkflow("replay", input, functionsWith());
    expect(run.output).toMatchObject({ status: overrides.status ?? "stopped" });
    expect(timestamps()).toEqual([]);
  });

  test("ends for a replay that was deleted", async () => {
    const { functionsWith } = await world();
    const run = await runWorkflow("replay", { ...input, replayId: "deleted" }, functionsWith());
    expect(run.output).toMatchObject({ status: "stopped" });
  });

  test.each([
    ["the stream throttles", new ThrottledError("slow down"), 8],
    ["the stream is away", new UnavailableError("no answer"), 3],
    ["something fails unexpectedly", new TypeError("x is not a function"), 1],
    ["the function's host dies", Object.assign(new Error("exit 137"), { name: "Runtime.ExitError" }), 2],
    ["the function times out", Object.assign(new Error("timed out"), { name: "Sandbox.Timedout" }), 2],
  ])("retries when %s, and loses and doubles nothing", async (_, error, times) => {
    const { ports, functionsWith, read, timestamps } = await world();
    const { guard } = failing(times, () => error);
    const functions = functionsWith({ stream: { ...ports.stream, publish: guard(ports.stream.publish) } });
    const run = await runWorkflow("replay", input, functions);
    expect(run.output).toMatchObject({ status: "finished" });
    expect(timestamps()).toEqual(DUE);
    expect(await read()).toMatchObject({ status: "finished", positionsPublished: SECONDS + 1 });
  });

  test("gives up after eight more attempts and marks the replay failed; its plan stays", async () => {
    const { ports, functionsWith, read } = await world();
    const { counter, guard } = failing(100, () => new UnavailableError("no answer"));
    const functions = functionsWith({ stream: { ...ports.stream, publish: guard(ports.stream.publish) } });
    const run = await runWorkflow("replay", input, functions);
    expect(run.failure).toEqual({
      name: "ReplayFailed",
      cause: "The replay could not be played on; its item says why.",
    });
    expect(counter.calls).toBe(9);
    expect(run.calls).toEqual([...Array(9).fill("play-replay"), "fail-replay"]);
    expect(await read()).toMatchObject({
      status: "failed",
      reason: "UnavailableError: no answer",
      plan: { fromOffsetMs: 0 },
    });
  });

  test("finding 21: a replay continues after an hour without room", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    try {
      const { functionsWith, timestamps } = await world();
      const functions = functionsWith();
      const throttledUntilMs = Date.now() + 3_600_000;
      const throttled = async (input: unknown) => {
        if (Date.now() >= throttledUntilMs) return functions["play-replay"](input);
        throw Object.assign(new Error("Rate Exceeded."), { name: "Lambda.TooManyRequestsException" });
      };
      let ended = false;
      const run = runWorkflow(
        "replay",
        input,
        { ...functions, "play-replay": throttled },
        { retriesWait: true },
      );
      void run.finally(() => {
        ended = true;
      });
      while (!ended) await vi.advanceTimersByTimeAsync(10_000);
      const { failure, output, calls } = await run;
      expect(failure).toBeUndefined();
      expect(output).toMatchObject({ status: "finished" });
      expect(timestamps()).toEqual(DUE);
      expect(calls.length).toBeGreaterThan(30);
      // It continues within two minutes once there is room again.
      expect(Date.now() - throttledUntilMs).toBeLessThan(150_000);
    } finally {
      vi.useRealTimers();
    }
  });

  test("finding 19: a deleted recording ends the replay, and is not our failure", async () => {
    const { ports, functionsWith, read } = await world();
    await ports.tracks.remove(recordingTrack("recording"));
    const run = await runWorkflow("replay", input, functionsWith());
    expect(run.calls).toEqual(["play-replay", "fail-replay"]);
    expect(run.failure).toBeUndefined();
    expect(await read()).toMatchObject({ status: "failed" });
    expect((await read())?.reason).toContain(
      "RecordingGoneError: recording recording has no positions after",
    );
  });

  test("does not retry input that breaks the schema: no retry would help", async () => {
    const { functionsWith, read } = await world();
    const run = await runWorkflow("replay", { ...input, chunk: -1 }, functionsWith());
    expect(run.calls).toEqual(["play-replay", "fail-replay"]);
    expect((await read())?.reason).toContain("InvalidInputError");
  });

  test("keeps trying to mark a replay failed", async () => {
    const { ports, functionsWith, read } = await world();
    await ports.tracks.remove(recordingTrack("recording"));
    const { guard } = failing(10, () => new UnavailableError("no table"));
    const functions = functionsWith();
    const run = await runWorkflow("replay", input, {
      ...functions,
      "fail-replay": guard(functions["fail-replay"]),
    });
    expect(run.calls.filter((name) => name === "fail-replay")).toHaveLength(11);
    expect(await read()).toMatchObject({ status: "failed" });
  });
});

describe("the handover", () => {
  const atLimit: PlayOutcome = { ...input, chunk: HANDOVER_CHUNKS, status: "handover" };

  test("comes when the chunks are used up", async () => {
    const { functionsWith, ports, read } = await world();
    const run = await runWorkflow("replay", { ...input, chunk: HANDOVER_CHUNKS - 1 }, functionsWith());
    expect(run.calls).toEqual(["play-replay", "continue-replay"]);
    expect(run.output).toEqual({ status: "continued" });
    expect(ports.workflows.started).toEqual([
      {
        workflow: "replay",
        executionName: `${input.replayId}-2`,
        input: { ...input, run: 2, chunk: 0 },
      },
    ]);
    expect(await read()).toMatchObject({ status: "playing", run: 2 });
  });

  test("continues the schedule in the next execution as if nothing had happened", async () => {
    const { functionsWith, ports, timestamps } = await world();
    await runWorkflow("replay", { ...input, chunk: HANDOVER_CHUNKS - 1 }, functionsWith());
    const run = await runWorkflow("replay", ports.workflows.started[0].input, functionsWith());
    expect(run.output).toMatchObject({ run: 2, status: "finished" });
    expect(timestamps()).toEqual(DUE);
  });

  test("is retried, and starts one execution", async () => {
    const { functionsWith, ports } = await world();
    const { guard } = failing(3, () => new VersionConflictError("another writer"));
    const functions = functionsWith({
      workflows: { ...ports.workflows, start: guard(ports.workflows.start) },
    });
    const run = await runWorkflow("replay", input, { ...functions, "play-replay": async () => atLimit });
    expect(run.calls).toEqual(["play-replay", ...Array(4).fill("continue-replay")]);
    expect(run.output).toEqual({ status: "continued" });
    expect(ports.workflows.started).toHaveLength(1);
  });

  test("that fails for good marks the replay failed, even though its run was already raised", async () => {
    const { functionsWith, ports, read } = await world();
    const { guard } = failing(100, () => new UnavailableError("no Step Functions"));
    const functions = functionsWith({
      workflows: { ...ports.workflows, start: guard(ports.workflows.start) },
    });
    const run = await runWorkflow("replay", input, { ...functions, "play-replay": async () => atLimit });
    expect(run.failure?.name).toBe("ReplayFailed");
    expect(run.calls.filter((name) => name === "continue-replay")).toHaveLength(9);
    expect(await read()).toMatchObject({
      status: "failed",
      run: 2,
      reason: "UnavailableError: no Step Functions",
    });
  });

  test("comes before a history is full, even if every chunk needed every retry", () => {
    const attempts = statesOf("replay").Play.Retry?.map(({ MaxAttempts = 3 }) => MaxAttempts) ?? [];
    const eventsPerChunk = 7 + 3 * attempts.reduce((sum, count) => sum + count, 0);
    expect(eventsPerChunk * HANDOVER_CHUNKS).toBeLessThan(25_000 - 100);
  });
});
