import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { memoryRecordingStore } from "../../../lib/adapters/memory/recording-store.ts";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { memoryFileSource } from "../../../test/files.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { IMPORT_TASK } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

const CSV = "timestamp,latitude,longitude\n1577218820,1,2\n1577218810,1,2";

test("stores the file as the recording that was surveyed", async () => {
  const [tasks, recordings] = [memoryTaskStore(), memoryRecordingStore()];
  await tasks.create(IMPORT_TASK);
  const handler = createHandler(
    perTenant(() => ({
      files: memoryFileSource({ "fleet/van.csv": CSV }),
      tasks,
      recordings,
      tracks: memoryTrackStore(),
      compression: zstd,
      reader: recordingReader,
      now: () => IMPORT_TASK.requestedAtMs,
    })),
  );
  const survey = {
    recordingId: "van-1",
    name: "van.csv",
    format: "csv",
    contentHash: createHash("sha256").update(CSV).digest("hex"),
    isInOrder: false,
    rejectedRowCount: 0,
    rejected: [],
  };
  const { taskId } = IMPORT_TASK;
  expect(await handler({ taskId, survey }, lambdaContext())).toEqual({
    recordingId: "van-1",
    created: true,
    positionCount: 2,
    duplicateCount: 0,
    rejectedRowCount: 0,
    rejected: [],
  });
  expect(await recordings.get("van-1")).toMatchObject({
    firstTimestampMs: 1577218810000,
    lastTimestampMs: 1577218820000,
  });
  await expect(handler({ taskId }, lambdaContext())).rejects.toMatchObject({ name: "InvalidInputError" });
});
