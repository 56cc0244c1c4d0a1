import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { memoryWorkflowStarter } from "../../../lib/adapters/memory/workflow-starter.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const eventOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../events/start-import/${name}.json`, import.meta.url), "utf8"));

const setUp = () => {
  const told: unknown[] = [];
  const [tasks, workflows] = [memoryTaskStore(), memoryWorkflowStarter()];
  const handler = createHandler(() => ({
    tasks,
    workflows,
    now: () => NOW_MS,
    warn: (...line) => told.push(line),
  }));
  return { tasks, workflows, told, start: (event: unknown) => handler(event, lambdaContext()) };
};

test("a new object is a task and an execution, also when the event comes twice", async () => {
  const { tasks, workflows, start } = setUp();
  const { taskId = "" } = await start(eventOf("object-created"));
  expect(await start(eventOf("object-created"))).toEqual({ taskId });
  expect(await tasks.get(taskId, NOW_MS)).toMatchObject({
    kind: "import",
    status: "REQUESTED",
    file: {
      bucket: "backtrack-dev-recordings-1a2b3c4d",
      key: "fleet/van 7.csv",
      version: "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
    },
  });
  expect(workflows.started).toEqual([
    { workflow: "import-recording", executionName: taskId, input: { taskId } },
  ]);
});

test("a folder's own entry is nothing, and an event of another kind is refused by name", async () => {
  const { workflows, start } = setUp();
  expect(await start(eventOf("folder-created"))).toEqual({ taskId: undefined });
  await expect(
    start({ ...eventOf("object-created"), "detail-type": "Object Deleted" }),
  ).rejects.toMatchObject({
    name: "InvalidInputError",
  });
  expect(workflows.started).toEqual([]);
});

test("without versions the content tells one file from another", async () => {
  const { tasks, start } = setUp();
  const event = eventOf("object-created");
  const { "version-id": _, ...object } = event.detail.object;
  const at = (etag: string) => start({ ...event, detail: { ...event.detail, object: { ...object, etag } } });
  const { taskId = "" } = await at("aa");
  expect(await tasks.get(taskId, NOW_MS)).toMatchObject({ file: { version: "etag:aa" } });
  expect(await at("aa")).toEqual({ taskId });
  expect(await at("bb")).not.toEqual({ taskId });
});

test("a file is its folder's tenant's; one in nobody's folder is told of and left", async () => {
  const { workflows, told, start } = setUp();
  const event = eventOf("object-created");
  const at = (key: string) =>
    start({ ...event, detail: { ...event.detail, object: { ...event.detail.object, key } } });
  expect(await at("tenants/Acme/van.csv")).toEqual({});
  expect(workflows.started).toEqual([]);
  expect(told).toEqual([
    [
      "a file was not imported",
      { file: "tenants/Acme/van.csv", reason: expect.stringContaining("tenants/<tenant>/<file>") },
    ],
  ]);
  expect(await at("tenants/acme/van.csv")).toEqual({ taskId: expect.stringMatching(/^import-/) });
});
