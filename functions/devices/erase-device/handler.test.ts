import { expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../../../lib/adapters/memory/quarantine-store.ts";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { memoryShares } from "../../../lib/adapters/memory/share-store.ts";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../../lib/core/tenant/tenant-id.ts";
import { claimPorts } from "../../../test/claims.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

/* What it erases: lib/core/erasure/erasure.test.ts. */

test("refuses a task that does not exist and input that names none", async () => {
  const handler = createHandler(
    perTenant(() => ({
      devices: memoryDeviceStore(),
      tracks: memoryTrackStore(),
      quarantine: memoryQuarantineStore(),
      replays: memoryReplayStore(),
      tasks: memoryTaskStore(),
      shares: memoryShares().shares(DEFAULT_TENANT),
      ...claimPorts(),
      now: () => 0,
    })),
  );
  await expect(handler({ taskId: "none", pass: 1 }, lambdaContext())).rejects.toMatchObject({
    name: "NotFoundError",
  });
  await expect(handler({ pass: 3 }, lambdaContext())).rejects.toMatchObject({ name: "InvalidInputError" });
});
