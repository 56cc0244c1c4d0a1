import { expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { TASK } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

/* What it computes: lib/core/task/average-speed-task.test.ts. */

test("refuses a task that does not exist and input that names none", async () => {
  const handler = createHandler(
    perTenant(() => ({
      devices: memoryDeviceStore(),
      tasks: memoryTaskStore(),
      tracks: memoryTrackStore(),
      compression: zstd,
      now: () => TASK.requestedAtMs,
    })),
  );
  expect(await handler({ taskId: "none" }, lambdaContext())).toMatchObject({
    taskId: "none",
    refused: { Error: "NotFoundError" },
  });
  await expect(handler({}, lambdaContext())).rejects.toMatchObject({ name: "InvalidInputError" });
});
