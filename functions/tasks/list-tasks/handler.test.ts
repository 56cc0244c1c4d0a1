import { expect, test } from "vitest";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import type { ImportTask } from "../../../lib/core/task/task.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { call } from "../../../test/http-event.ts";
import { TASK } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "GET /tasks";
const importOf = (taskId: string): ImportTask => ({
  taskId,
  kind: "import",
  status: "REQUESTED",
  file: { bucket: "recordings", key: "van.csv", version: "v1" },
  requestedAtMs: TASK.requestedAtMs,
  expiresAtSeconds: TASK.expiresAtSeconds,
});

test("lists the tasks of a kind, page by page", async () => {
  const tasks = memoryTaskStore();
  for (const id of ["a", "b", "c"]) await tasks.create(importOf(id));
  await tasks.create(TASK);
  await tasks.advance("a", { step: "checking", bytesRead: 5, sizeBytes: 10 });
  const handler = createHandler(() => ({ tasks, now: () => TASK.requestedAtMs }));
  const first = await call(handler, ROUTE, { query: { kind: "import", limit: 2 } });
  expect(first.json.tasks).toEqual([
    {
      taskId: "a",
      kind: "import",
      status: "REQUESTED",
      file: { bucket: "recordings", key: "van.csv", version: "v1" },
      progress: { step: "checking", bytesRead: 5, sizeBytes: 10 },
      requestedAt: "2026-11-20T12:00:00.000Z",
      expiresAt: "2026-11-21T12:00:00.000Z",
    },
    expect.objectContaining({ taskId: "b" }),
  ]);
  expect(first.headers.link).toContain("kind=import");
  const second = await call(handler, ROUTE, {
    query: { kind: "import", limit: 2, cursor: first.json.cursor },
  });
  expect(second.json.tasks).toMatchObject([{ taskId: "c" }]);
  const speeds = await call(handler, ROUTE, { query: { kind: "average-speed" } });
  expect(speeds.json.tasks).toMatchObject([{ taskId: TASK.taskId, deviceId: "car" }]);
});

test.each<Record<string, string>>([{}, { kind: "export" }])("refuses %j", async (query) => {
  const handler = createHandler(perTenant(() => ({ tasks: memoryTaskStore(), now: () => 0 })));
  expect(await call(handler, ROUTE, { query })).toMatchObject({
    status: 400,
    json: { errors: [{ field: "kind" }] },
  });
});

test("a key with a device prefix sees imports, and the tasks of its devices", async () => {
  const tasks = memoryTaskStore();
  await tasks.create(importOf("a"));
  await tasks.create(TASK);
  const handler = createHandler(() => ({ tasks, now: () => TASK.requestedAtMs }));
  const list = async (kind: string) =>
    (await call(handler, ROUTE, { query: { kind }, caller: { devicePrefix: "van-" } })).json.tasks;
  expect(await list("import")).toHaveLength(1);
  expect(await list("average-speed")).toEqual([]);
});
