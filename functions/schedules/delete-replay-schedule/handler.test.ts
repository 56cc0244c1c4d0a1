import { expect, test } from "vitest";
import { memoryReplayScheduler } from "../../../lib/adapters/memory/replay-scheduler.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

test("deletes a schedule once", async () => {
  const schedules = memoryReplayScheduler();
  const replay = { recordingId: "drive-1" };
  await schedules.put({ name: "hourly", timing: { cron: "0 * * * ? *" }, timezone: "UTC", replay });
  const remove = () =>
    call(
      createHandler(() => ({ schedules })),
      "DELETE /replay-schedules/{name}",
      { path: { name: "hourly" } },
    );
  expect(await remove()).toMatchObject({ status: 204, text: "" });
  expect(await schedules.get("hourly")).toBeUndefined();
  expect(await remove()).toMatchObject({
    status: 404,
    json: { detail: "there is no replay schedule hourly" },
  });
});

test("a key with a device prefix deletes the schedules of its devices", async () => {
  const schedules = memoryReplayScheduler();
  const replay = { recordingId: "drive-1", deviceId: "bus-1" };
  await schedules.put({ name: "theirs", timing: { cron: "0 * * * ? *" }, timezone: "UTC", replay });
  const remove = (devicePrefix: string) =>
    call(
      createHandler(() => ({ schedules })),
      "DELETE /replay-schedules/{name}",
      {
        path: { name: "theirs" },
        caller: { devicePrefix },
      },
    );
  expect(await remove("van-")).toMatchObject({ status: 403 });
  expect(await remove("bus-")).toMatchObject({ status: 204 });
  expect(await remove("van-")).toMatchObject({ status: 404 });
});
