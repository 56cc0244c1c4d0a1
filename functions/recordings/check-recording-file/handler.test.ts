import { expect, test } from "vitest";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { memoryFileSource } from "../../../test/files.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { IMPORT_TASK } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

/*
 * What it refuses: lib/core/recording/import-file.test.ts. What the workflow makes of it:
 * test/workflows/import-recording.test.ts.
 */

test("finds out what the second reading must know", async () => {
  const tasks = memoryTaskStore();
  await tasks.create(IMPORT_TASK);
  const files = memoryFileSource({
    "fleet/van.csv": "timestamp,latitude,longitude\n1577218820,1,2\n1577218810,1,2\n1577218810,x,2",
  });
  const handler = createHandler(() => ({
    files,
    tasks,
    reader: recordingReader,
    now: () => IMPORT_TASK.requestedAtMs,
  }));
  expect(await handler({ taskId: IMPORT_TASK.taskId }, lambdaContext())).toEqual({
    recordingId: expect.stringMatching(/^van-[0-9a-f]{12}$/),
    name: "van.csv",
    format: "csv",
    contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    isInOrder: false,
    rejectedRowCount: 1,
    rejected: [{ line: 4, problems: [{ field: "latitude", value: "x", rule: expect.any(String) }] }],
  });
  await expect(handler({}, lambdaContext())).rejects.toMatchObject({ name: "InvalidInputError" });
  expect(await handler({ taskId: "unknown" }, lambdaContext())).toMatchObject({
    taskId: "unknown",
    refused: { Error: "NotFoundError" },
  });
});
