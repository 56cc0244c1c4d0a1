import { beforeEach, describe, expect, test } from "vitest";
import { createHandler as listDevices } from "../functions/devices/list-devices/handler.ts";
import { createHandler as controlReplay } from "../functions/replays/control-replay/handler.ts";
import { createHandler as createReplay } from "../functions/replays/create-replay/handler.ts";
import { createHandler as deleteReplay } from "../functions/replays/delete-replay/handler.ts";
import { createHandler as getReplay } from "../functions/replays/get-replay/handler.ts";
import { createHandler as listReplays } from "../functions/replays/list-replays/handler.ts";
import { createHandler as getTask } from "../functions/tasks/get-task/handler.ts";
import { memoryDeviceStore } from "../lib/adapters/memory/device-store.ts";
import { memoryRecordingStore } from "../lib/adapters/memory/recording-store.ts";
import { memoryReplayStore } from "../lib/adapters/memory/replay-store.ts";
import { memoryTaskStore } from "../lib/adapters/memory/task-store.ts";
import { memoryWorkflowStarter } from "../lib/adapters/memory/workflow-starter.ts";
import { perTenant } from "../lib/core/tenant/of-tenant.ts";
import { claimPorts } from "./claims.ts";
import { deviceState } from "./contracts/device-states.ts";
import { call } from "./http-event.ts";
import { replayOf, START_MS } from "./replay-simulation.ts";
import { RECORDING, TASK } from "./samples.ts";

/*
 * What a caller with a device prefix gets from the handlers that admit such callers: its own devices' data,
 * and neither content nor device names from others.
 */

const caller = { keyId: "k", devicePrefix: "van-" };
const refusal = {
  status: 403,
  json: {
    type: "urn:backtrack:problem:forbidden",
    detail: "the key is for devices whose id begins with van- only",
  },
};
const now = () => START_MS;

const [source] = replayOf([0, 10_000]).sources;
const replayAs = (replayId: string, ...deviceIds: string[]) => ({
  ...replayOf([0, 10_000]),
  replayId,
  sources: deviceIds.map((deviceId) => ({ ...source, deviceId })),
});

let replays: ReturnType<typeof memoryReplayStore>;
beforeEach(async () => {
  replays = memoryReplayStore();
  await replays.save(replayAs("own", "van-1", "van-2"));
  await replays.save(replayAs("mixed", "van-1", "car-1"));
  await replays.save(replayAs("other", "car-1"));
});

test("lists its devices", async () => {
  const devices = memoryDeviceStore();
  for (const deviceId of ["van-1", "car-1", "van-2", "van"]) await devices.save(deviceState(deviceId));
  const { json } = await call(
    listDevices(() => ({ devices })),
    "GET /devices",
    { caller },
  );
  expect(json.devices.map(({ deviceId }: { deviceId: string }) => deviceId)).toEqual(["van-1", "van-2"]);
});

test("sees tasks of its devices", async () => {
  const tasks = memoryTaskStore();
  await tasks.create({ ...TASK, taskId: "own", deviceId: "van-1" });
  await tasks.create({ ...TASK, taskId: "other", deviceId: "car-1" });
  const ask = (taskId: string) =>
    call(
      getTask(() => ({ tasks, now: () => TASK.requestedAtMs })),
      "GET /tasks/{taskId}",
      {
        path: { taskId },
        caller,
      },
    );
  expect(await ask("own")).toMatchObject({ status: 200 });
  expect(await ask("other")).toMatchObject(refusal);
});

test("lists only replays of its own devices", async () => {
  const { json } = await call(
    listReplays(() => ({ replays, now })),
    "GET /replays",
    { caller },
  );
  expect(json.replays.map(({ replayId }: { replayId: string }) => replayId)).toEqual(["own"]);
});

describe.each(["mixed", "other"])("the replay %s", (replayId) => {
  const path = { replayId };
  const workflows = memoryWorkflowStarter();

  test("can't be read, changed or deleted", async () => {
    const before = await replays.get(replayId);
    expect(
      await call(
        getReplay(() => ({ replays, now })),
        "GET /replays/{replayId}",
        { path, caller },
      ),
    ).toMatchObject(refusal);
    const patch = { path, caller, body: { paused: true } };
    expect(
      await call(
        controlReplay(perTenant(() => ({ replays, workflows, ...claimPorts(), now }))),
        "PATCH /replays/{replayId}",
        patch,
      ),
    ).toMatchObject(refusal);
    expect(
      await call(
        deleteReplay(perTenant(() => ({ replays, ...claimPorts(), now }))),
        "DELETE /replays/{replayId}",
        {
          path,
          caller,
        },
      ),
    ).toMatchObject(refusal);
    expect(await replays.get(replayId)).toEqual(before);
  });
});

test("its own replay can be read, changed and deleted; one that does not exist is a 404", async () => {
  const workflows = memoryWorkflowStarter();
  const all = (replayId: string) => [
    call(
      getReplay(() => ({ replays, now })),
      "GET /replays/{replayId}",
      { path: { replayId }, caller },
    ),
    call(
      controlReplay(perTenant(() => ({ replays, workflows, ...claimPorts(), now }))),
      "PATCH /replays/{replayId}",
      {
        path: { replayId },
        caller,
        body: { rate: 2 },
      },
    ),
  ];
  expect((await Promise.all(all("own"))).map(({ status }) => status)).toEqual([200, 200]);
  expect((await Promise.all(all("none"))).map(({ status }) => status)).toEqual([404, 404]);
  const path = { replayId: "own" };
  expect(
    (
      await call(
        deleteReplay(perTenant(() => ({ replays, ...claimPorts(), now }))),
        "DELETE /replays/{replayId}",
        {
          path,
          caller,
        },
      )
    ).status,
  ).toBe(204);
});

test.each<[object, boolean]>([
  [{ recordingId: "drive", deviceId: "van-9" }, true],
  [{ recordingId: "drive", deviceId: "van", copies: 2 }, true],
  [{ sources: [{ recordingId: "drive", deviceId: "van-9" }] }, true],
  [{ recordingId: "drive" }, false],
  [{ recordingId: "drive", deviceId: "van" }, false],
  [{ recordingId: "drive", deviceId: "car-1" }, false],
  [
    {
      sources: [
        { recordingId: "drive", deviceId: "van-9" },
        { recordingId: "drive", deviceId: "car-1" },
      ],
    },
    false,
  ],
])("a replay of %j begins: %s", async (body, begins) => {
  const recordings = memoryRecordingStore();
  await recordings.put(RECORDING);
  const fresh = memoryReplayStore();
  const workflows = memoryWorkflowStarter();
  const ports = { replays: fresh, recordings, workflows, ...claimPorts(), now, newId: () => "new" };
  const answer = await call(
    createReplay(() => ports),
    "POST /replays",
    { body, caller },
  );
  expect(answer).toMatchObject(begins ? { status: 201 } : refusal);
  expect((await fresh.get("new")) !== undefined).toBe(begins);
  expect(workflows.started.length > 0).toBe(begins);
});
