import { describe, expect, test } from "vitest";
import { Machine } from "../../engines/workflow-runner/machine.ts";
import { createHandler as createCompute } from "../../functions/tasks/compute-average-speed/handler.ts";
import { createHandler as createFail } from "../../functions/tasks/fail-task/handler.ts";
import { memoryDeviceStore } from "../../lib/adapters/memory/device-store.ts";
import { memoryTaskStore } from "../../lib/adapters/memory/task-store.ts";
import { memoryTrackStore } from "../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../lib/adapters/zstd.ts";
import { NOTHING_DETECTED } from "../../lib/core/detectors/detectors.ts";
import { ThrottledError } from "../../lib/core/errors.ts";
import { PositionBuffer } from "../../lib/core/position/position-buffer.ts";
import { asTask, type Functions, runWorkflow, sampleInput, workflowText } from "./run-workflow.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const input = sampleInput("average-speed");
const WINDOW_SECONDS = (Date.parse(input.windowEndsAt) - NOW_MS) / 1_000;

const world = async () => {
  const devices = memoryDeviceStore();
  const tasks = memoryTaskStore();
  await devices.save({
    deviceId: "car",
    version: 0,
    lastHeardMs: NOW_MS,
    positionCount: 2,
    latePositionCount: 0,
    conflictCount: 0,
    sealedDistance: { meters: 0 },
    sealedDetections: NOTHING_DETECTED,
    odometerMeters: 0,
    odometerComplete: true,
    tail: PositionBuffer.from([
      { timestampMs: NOW_MS, latitude: 48, longitude: 11, speedMetersPerSecond: 5 },
      { timestampMs: NOW_MS + 10_000, latitude: 48, longitude: 11, speedMetersPerSecond: 7 },
    ]),
  });
  await tasks.create({
    taskId: input.taskId,
    kind: "average-speed",
    status: "REQUESTED",
    deviceId: "car",
    windowSeconds: WINDOW_SECONDS,
    requestedAtMs: NOW_MS,
    fromTimestampMs: NOW_MS,
    expiresAtSeconds: NOW_MS / 1_000 + 86_400,
  });
  const ports = { devices, tasks, tracks: memoryTrackStore(), compression: zstd, now: () => NOW_MS };
  const functionsWith = (changed: Partial<typeof ports> = {}): Functions => ({
    "compute-average-speed": asTask(createCompute(() => ({ ...ports, ...changed }))),
    "fail-task": asTask(createFail(() => ({ ...ports, warn: () => {}, ...changed }))),
  });
  return { ports, functionsWith, read: () => tasks.get(input.taskId, NOW_MS) };
};

const failTimes = (times: number, functions: Functions, name: string): Functions => {
  let calls = 0;
  return {
    ...functions,
    [name]: async (taskInput) => {
      if (calls++ < times) throw new ThrottledError("slow down");
      return functions[name](taskInput);
    },
  };
};

describe("the average-speed workflow", () => {
  test("waits for the window to pass, then completes the task", async () => {
    const { functionsWith, read } = await world();
    let nowMs = NOW_MS;
    const functions = functionsWith();
    const machine = new Machine(
      workflowText("average-speed").replaceAll(
        /"Resource": "(.*)"/g,
        '"Resource": "arn:aws:lambda:eu-west-1:000000000000:function:$1"',
      ),
      {
        invoke: async (name, event) => {
          expect(nowMs - NOW_MS).toBe(WINDOW_SECONDS * 1_000);
          return functions[name](event);
        },
        clock: () => nowMs,
        sleep: async (milliseconds) => {
          nowMs += milliseconds;
        },
      },
    );
    const result = await machine.run({
      input,
      startedMs: NOW_MS,
      context: {
        Execution: { Id: "e", Name: "e", RoleArn: "r" },
        StateMachine: { Id: "m", Name: "m" },
      },
      signal: new AbortController().signal,
      onReached: () => undefined,
      beforeWork: async () => undefined,
    });
    const done = {
      status: "DONE",
      result: { averageSpeedMetersPerSecond: 6, coverage: 1, positionCount: 2 },
    };
    expect(result).toEqual({ status: "SUCCEEDED", output: { taskId: input.taskId, ...done } });
    expect(await read()).toMatchObject(done);
  });

  test("retries when a table throttles", async () => {
    const { functionsWith, read } = await world();
    const run = await runWorkflow(
      "average-speed",
      input,
      failTimes(6, functionsWith(), "compute-average-speed"),
    );
    expect(run.calls).toHaveLength(7);
    expect(await read()).toMatchObject({ status: "DONE" });
  });

  test("marks the task failed when retries do not help", async () => {
    const { functionsWith, read } = await world();
    const run = await runWorkflow(
      "average-speed",
      input,
      failTimes(7, functionsWith(), "compute-average-speed"),
    );
    expect(run.calls).toEqual([...Array(7).fill("compute-average-speed"), "fail-task"]);
    expect(run.failure).toEqual({
      name: "TaskFailed",
      cause: "The average speed could not be computed; the task says why.",
    });
    expect(await read()).toMatchObject({ status: "FAILED", reason: "ThrottledError: slow down" });
  });

  test("finding 19: marks it failed at once when the device is gone, which is not our failure", async () => {
    const { ports, functionsWith, read } = await world();
    const devices = { ...ports.devices, load: async () => new Map() };
    const run = await runWorkflow("average-speed", input, functionsWith({ devices }));
    expect(run.calls).toEqual(["compute-average-speed", "fail-task"]);
    expect(run.failure).toBeUndefined();
    expect(await read()).toMatchObject({
      status: "FAILED",
      reason: expect.stringContaining("NotFoundError: device car was never heard"),
    });
  });

  test("keeps trying to mark it failed", async () => {
    const { functionsWith, read } = await world();
    const broken = {
      ...functionsWith(),
      "compute-average-speed": async () => Promise.reject(new TypeError("bug")),
    };
    const run = await runWorkflow("average-speed", input, failTimes(10, broken, "fail-task"));
    expect(run.calls.filter((name) => name === "fail-task")).toHaveLength(11);
    expect(await read()).toMatchObject({ status: "FAILED", reason: "TypeError: bug" });
  });

  test("ends at once when there is no task to mark", async () => {
    const { functionsWith } = await world();
    const run = await runWorkflow("average-speed", { ...input, taskId: "unknown" }, functionsWith());
    expect(run.calls).toEqual(["compute-average-speed", "fail-task"]);
    expect(run.failure).toBeUndefined();
  });
});
