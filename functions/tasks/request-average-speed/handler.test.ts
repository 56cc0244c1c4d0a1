import { beforeEach, expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { memoryWorkflowStarter } from "../../../lib/adapters/memory/workflow-starter.ts";
import { NOTHING_DETECTED } from "../../../lib/core/detectors/detectors.ts";
import { ThrottledError } from "../../../lib/core/errors.ts";
import { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";
import type { RequestPorts } from "../../../lib/core/task/request-average-speed.ts";
import { claimPorts } from "../../../test/claims.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "POST /devices/{deviceId}/average-speed-tasks";
const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
let ports: RequestPorts;
beforeEach(async () => {
  ports = {
    devices: memoryDeviceStore(),
    tasks: memoryTaskStore(),
    workflows: memoryWorkflowStarter(),
    ...claimPorts(),
    now: () => NOW_MS,
    newId: () => "task-1",
  };
  await ports.devices.save({
    deviceId: "car",
    version: 0,
    lastHeardMs: NOW_MS,
    positionCount: 1,
    latePositionCount: 0,
    conflictCount: 0,
    sealedDistance: { meters: 0 },
    sealedDetections: NOTHING_DETECTED,
    odometerMeters: 0,
    odometerComplete: true,
    tail: PositionBuffer.from([{ timestampMs: NOW_MS - 500, latitude: 1, longitude: 2 }]),
  });
});
const post = (deviceId: string, query = {}) =>
  call(
    createHandler(() => ports),
    ROUTE,
    { path: { deviceId }, query },
  );

test("answers the task and where it is", async () => {
  const answer = await post("car", { windowSeconds: 10 });
  expect(answer.status).toBe(202);
  expect(answer.headers.location).toBe("/tasks/task-1");
  expect(answer.json).toEqual({
    taskId: "task-1",
    kind: "average-speed",
    status: "REQUESTED",
    deviceId: "car",
    windowSeconds: 10,
    requestedAt: "2026-11-20T12:00:00.000Z",
    expiresAt: "2026-11-21T12:00:10.000Z",
  });
});

test("takes a minute by default", async () => {
  expect((await post("car")).json.windowSeconds).toBe(60);
});

test.each([-5, 0, 1e9, "ten", "5e-324", "1e-131", "1e400", "-0", "0.0009"])(
  "finding 3: refuses a window of %s seconds",
  async (windowSeconds) => {
    const answer = await post("car", { windowSeconds });
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0]).toMatchObject({
      field: "windowSeconds",
      rule: "must be a number from 0.001 to 86400",
    });
  },
);

test("answers 404 for a device that was never heard, 429 when the workflows throttle", async () => {
  expect((await post("bike")).status).toBe(404);
  ports = { ...ports, workflows: { start: async () => Promise.reject(new ThrottledError("slow down")) } };
  const answer = await post("car");
  expect(answer.status).toBe(429);
  expect(await ports.tasks.get("task-1", NOW_MS)).toMatchObject({ status: "FAILED" });
});
