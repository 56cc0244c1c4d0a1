import { describe, expect, test } from "vitest";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { IMPORT_TASK, TASK } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

const QUIET = { now: () => TASK.requestedAtMs, warn: () => {} };

test("marks a task failed with the reason that Catch gives", async () => {
  const tasks = memoryTaskStore();
  await tasks.create(TASK);
  const handler = createHandler(() => ({ tasks, ...QUIET }));
  const error = { Error: "States.Timeout", Cause: "The state timed out" };
  await handler({ taskId: TASK.taskId, windowEndsAt: "2026-11-20T12:01:00.000Z", error }, lambdaContext());
  expect(await tasks.get(TASK.taskId, TASK.requestedAtMs)).toMatchObject({
    status: "FAILED",
    reason: "States.Timeout: The state timed out",
  });
});

test("takes an error without a cause, and refuses input without an error", async () => {
  const tasks = memoryTaskStore();
  await tasks.create(TASK);
  const handler = createHandler(() => ({ tasks, ...QUIET }));
  await handler({ taskId: TASK.taskId, error: { Error: "States.TaskFailed" } }, lambdaContext());
  expect(await tasks.get(TASK.taskId, TASK.requestedAtMs)).toMatchObject({ reason: "States.TaskFailed" });
  await expect(handler({ taskId: TASK.taskId }, lambdaContext())).rejects.toMatchObject({
    name: "InvalidInputError",
  });
});

describe("finding 25: an inbox failure", () => {
  test("is logged with the file and the reason", async () => {
    const tasks = memoryTaskStore();
    await tasks.create(IMPORT_TASK);
    const told: unknown[] = [];
    const handler = createHandler(() => ({ ...QUIET, tasks, warn: (...line) => told.push(line) }));
    const error = { Error: "InvalidInputError", Cause: "the file has no header and no rows" };
    await handler({ taskId: IMPORT_TASK.taskId, error }, lambdaContext());
    expect(told).toEqual([
      [
        "a file was not imported",
        { file: "fleet/van.csv", reason: expect.stringContaining("the file has no header and no rows") },
      ],
    ]);
  });
});
