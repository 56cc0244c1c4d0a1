import { expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { memoryWorkflowStarter } from "../../../lib/adapters/memory/workflow-starter.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { claimPorts } from "../../../test/claims.ts";
import { deviceState } from "../../../test/contracts/device-states.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "DELETE /devices/{deviceId}";

test("finding 16: DELETE of a device answers a task that does not name it; of an unknown one 404", async () => {
  const devices = memoryDeviceStore();
  const workflows = memoryWorkflowStarter();
  const handler = createHandler(
    perTenant(() => ({
      devices,
      workflows,
      tasks: memoryTaskStore(),
      replays: memoryReplayStore(),
      ...claimPorts(),
      now: () => Date.parse("2026-11-20T12:00:00Z"),
      newId: () => "task-1",
    })),
  );
  const path = { deviceId: "van-7" };
  expect((await call(handler, ROUTE, { path })).status).toBe(404);
  await devices.save(deviceState("van-7"));
  for (let repeated = 0; repeated < 2; repeated++) {
    const answer = await call(handler, ROUTE, { path });
    expect(answer).toMatchObject({ status: 202, headers: { location: "/tasks/task-1" } });
    expect(answer.json).toEqual({
      taskId: "task-1",
      kind: "erasure",
      status: "REQUESTED",
      requestedAt: "2026-11-20T12:00:00.000Z",
      expiresAt: "2026-11-21T12:00:00.000Z",
    });
  }
  expect(await devices.load(["van-7"])).toEqual(new Map());
  expect(workflows.started).toEqual([
    { workflow: "erase-device", executionName: "task-1", input: { taskId: "task-1", pass: 1 } },
  ]);
});
