import { describe, expect, test } from "vitest";
import { claimPorts } from "../../../test/claims.ts";
import { memoryDeviceStore } from "../../adapters/memory/device-store.ts";
import { memoryTaskStore } from "../../adapters/memory/task-store.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { memoryWorkflowStarter } from "../../adapters/memory/workflow-starter.ts";
import { zstd } from "../../adapters/zstd.ts";
import { NOTHING_DETECTED } from "../detectors/detectors.ts";
import type { DeviceState } from "../device/device-state.ts";
import { UnavailableError } from "../errors.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { encodeSegment } from "../segment/segment.ts";
import { deviceTrack } from "../track/track-store.ts";
import { computeAverageSpeed } from "./compute-average-speed.ts";
import { requestAverageSpeed } from "./request-average-speed.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
/** The device's own time is another: a replay with original timestamps. */
const DEVICE_MS = Date.parse("2019-12-24T20:00:00Z");

type Fix = readonly [second: number, speed: number | undefined];

const positionsOf = (fixes: readonly Fix[]) =>
  PositionBuffer.from(
    fixes.map(([second, speedMetersPerSecond]) => ({
      timestampMs: DEVICE_MS + second * 1_000,
      latitude: 48,
      longitude: 11,
      ...(speedMetersPerSecond !== undefined && { speedMetersPerSecond }),
    })),
  );

const world = async () => {
  const devices = memoryDeviceStore();
  const tracks = memoryTrackStore();
  const tasks = memoryTaskStore();
  const workflows = memoryWorkflowStarter();
  let version = 0;
  /** The device reports these as its tail, and what it reported before is sealed. */
  const report = async (tail: readonly Fix[], sealed: readonly Fix[] = []) => {
    const state: DeviceState = {
      deviceId: "car",
      version: version++,
      lastHeardMs: NOW_MS,
      positionCount: tail.length + sealed.length,
      latePositionCount: 0,
      conflictCount: 0,
      sealedDistance: { meters: 0 },
      sealedDetections: NOTHING_DETECTED,
      odometerMeters: 0,
      odometerComplete: true,
      tail: positionsOf(tail),
      ...(sealed.length > 0 && { sealedUntilMs: DEVICE_MS + sealed[sealed.length - 1][0] * 1_000 }),
    };
    if (sealed.length > 0) {
      const positions = positionsOf(sealed);
      await tracks.put(deviceTrack("car"), [
        {
          kind: "sealed",
          firstTimestampMs: positions.timestampsMs[0],
          lastTimestampMs: positions.timestampsMs[positions.count - 1],
          positionCount: positions.count,
          data: encodeSegment(positions),
        },
      ]);
    }
    await devices.save(state);
  };
  const ports = {
    devices,
    tracks,
    tasks,
    workflows,
    ...claimPorts(),
    compression: zstd,
    now: () => NOW_MS,
    newId: () => "task-1",
  };
  return { ports, report, tasks, workflows };
};

describe("asking for an average speed", () => {
  test("keeps a task for a day after its window, and starts the workflow under its name", async () => {
    const { ports, report, tasks, workflows } = await world();
    await report([[0, 5]]);
    const task = await requestAverageSpeed(ports, { deviceId: "car", windowSeconds: 60 });
    expect(task).toEqual({
      taskId: "task-1",
      kind: "average-speed",
      status: "REQUESTED",
      deviceId: "car",
      windowSeconds: 60,
      requestedAtMs: NOW_MS,
      fromTimestampMs: DEVICE_MS,
      expiresAtSeconds: NOW_MS / 1_000 + 86_460,
    });
    expect(workflows.started).toEqual([
      {
        workflow: "average-speed",
        executionName: "task-1",
        input: { taskId: "task-1", windowEndsAt: new Date(NOW_MS + 60_000).toISOString() },
      },
    ]);
    expect(await tasks.get("task-1", NOW_MS + 86_459_000)).toEqual(task);
    expect(await tasks.get("task-1", NOW_MS + 86_460_000)).toBeUndefined();
  });

  test.each([-5, 0, 5e-324, 0.0009, 86_401, 1e9, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses a window of %d seconds",
    async (windowSeconds) => {
      const { ports, report, workflows } = await world();
      await report([[0, 5]]);
      await expect(requestAverageSpeed(ports, { deviceId: "car", windowSeconds })).rejects.toMatchObject({
        name: "InvalidInputError",
        problems: [{ field: "windowSeconds", rule: "must be a number from 0.001 to 86400" }],
      });
      expect(workflows.started).toEqual([]);
    },
  );

  test("is refused for a device that was never heard", async () => {
    const { ports } = await world();
    await expect(requestAverageSpeed(ports, { deviceId: "bike", windowSeconds: 10 })).rejects.toMatchObject({
      name: "NotFoundError",
    });
  });

  test("fails the task when the workflow does not start", async () => {
    const { ports, report, tasks } = await world();
    await report([[0, 5]]);
    const workflows = {
      start: async () => {
        throw new UnavailableError("no answer");
      },
    };
    await expect(
      requestAverageSpeed({ ...ports, workflows }, { deviceId: "car", windowSeconds: 10 }),
    ).rejects.toThrow(UnavailableError);
    expect(await tasks.get("task-1", NOW_MS)).toMatchObject({
      status: "FAILED",
      reason: "the workflow did not start",
    });
  });
});

describe("computing it", () => {
  const asked = async () => {
    const all = await world();
    await all.report([
      [-2, 100],
      [0, 5],
    ]);
    await requestAverageSpeed(all.ports, { deviceId: "car", windowSeconds: 10 });
    return all;
  };

  test("takes what the device reported since, in its own time, from the newest position then", async () => {
    const { ports, report, tasks } = await asked();
    await report([
      [-2, 100],
      [0, 5],
      [4, 9],
      [10, 15],
    ]);
    // 4 s from 5 to 9 m/s, then 6 s from 9 to 15.
    const result = { averageSpeedMetersPerSecond: (4 * 7 + 6 * 12) / 10, coverage: 1, positionCount: 3 };
    expect(await computeAverageSpeed(ports, "task-1")).toEqual({ status: "DONE", result });
    expect(await tasks.get("task-1", NOW_MS)).toMatchObject({ status: "DONE", result });
  });

  test("looks into sealed segments, and leaves gaps uncovered", async () => {
    const { ports, report } = await asked();
    await report(
      [
        [100, 20],
        [102, 20],
      ],
      [
        [-2, 100],
        [0, 5],
        [2, 5],
        [4, 5],
      ],
    );
    expect(await computeAverageSpeed(ports, "task-1")).toEqual({
      status: "DONE",
      result: {
        averageSpeedMetersPerSecond: expect.closeTo((4 * 5 + 2 * 20) / 6),
        coverage: expect.closeTo(6 / 102),
        positionCount: 5,
      },
    });
  });

  test("when nothing new came is the last reported speed, without coverage", async () => {
    const { ports } = await asked();
    expect(await computeAverageSpeed(ports, "task-1")).toEqual({
      status: "DONE",
      result: { averageSpeedMetersPerSecond: 5, coverage: 0, positionCount: 1 },
    });
  });

  test("again keeps the first outcome", async () => {
    const { ports, report, tasks } = await asked();
    await computeAverageSpeed(ports, "task-1");
    await report([
      [0, 5],
      [10, 50],
    ]);
    await computeAverageSpeed(ports, "task-1");
    expect(await tasks.get("task-1", NOW_MS)).toMatchObject({ result: { averageSpeedMetersPerSecond: 5 } });
  });

  test("of a task that is unknown or has expired is refused", async () => {
    const { ports } = await asked();
    await expect(computeAverageSpeed(ports, "task-2")).rejects.toMatchObject({ name: "NotFoundError" });
    const late = { ...ports, now: () => NOW_MS + 90_000_000 };
    await expect(computeAverageSpeed(late, "task-1")).rejects.toMatchObject({ name: "NotFoundError" });
  });
});
