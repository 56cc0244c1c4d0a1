import { expect, test } from "vitest";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { call } from "../../../test/http-event.ts";
import { TASK } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

const NOW_MS = TASK.requestedAtMs;

test("answers a task in each of its states", async () => {
  const tasks = memoryTaskStore();
  const handler = createHandler(() => ({ tasks, now: () => NOW_MS }));
  const get = async (taskId: string) =>
    (await call(handler, "GET /tasks/{taskId}", { path: { taskId } })).json;
  for (const taskId of ["a", "b", "c"]) await tasks.create({ ...TASK, taskId });
  const result = { averageSpeedMetersPerSecond: 5.5, coverage: 0.9, positionCount: 54 };
  await tasks.complete("b", { status: "DONE", result });
  await tasks.complete("c", { status: "FAILED", reason: "the device is gone" });
  expect(await get("a")).toEqual({
    taskId: "a",
    kind: "average-speed",
    status: "REQUESTED",
    deviceId: "car",
    windowSeconds: 60,
    requestedAt: "2026-11-20T12:00:00.000Z",
    expiresAt: "2026-11-21T12:00:00.000Z",
  });
  expect(await get("b")).toMatchObject({ status: "DONE", result });
  expect(await get("c")).toMatchObject({ status: "FAILED", reason: "the device is gone" });
});

test("answers 404 for an unknown task, and for one that has expired", async () => {
  const tasks = memoryTaskStore();
  await tasks.create(TASK);
  const path = { taskId: TASK.taskId };
  const late = createHandler(() => ({ tasks, now: () => TASK.expiresAtSeconds * 1_000 }));
  expect((await call(late, "GET /tasks/{taskId}", { path })).status).toBe(404);
  const unknown = await call(late, "GET /tasks/{taskId}", { path: { taskId: "none" } });
  expect(unknown.status).toBe(404);
});
