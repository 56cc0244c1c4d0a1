import { expect, test } from "vitest";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { IMPORT_TASK } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

const { taskId } = IMPORT_TASK;
const result = {
  recordingId: "van-1",
  created: true,
  positionCount: 2,
  duplicateCount: 0,
  rejectedRowCount: 0,
  rejected: [],
};

test("completes the task, once", async () => {
  const tasks = memoryTaskStore();
  await tasks.create(IMPORT_TASK);
  const handler = createHandler(() => ({ tasks }));
  expect(await handler({ taskId, result }, lambdaContext())).toEqual({ taskId, recordingId: "van-1" });
  await handler({ taskId, result: { ...result, created: false } }, lambdaContext());
  expect(await tasks.get(taskId, IMPORT_TASK.requestedAtMs)).toEqual({
    ...IMPORT_TASK,
    status: "DONE",
    result,
  });
  expect(await handler({ taskId: "unknown", result }, lambdaContext())).toMatchObject({
    refused: { Error: "NotFoundError" },
  });
});
