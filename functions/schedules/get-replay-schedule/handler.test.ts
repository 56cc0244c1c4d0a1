import { expect, test } from "vitest";
import { memoryReplayScheduler } from "../../../lib/adapters/memory/replay-scheduler.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "GET /replay-schedules/{name}";
const MADE_MS = Date.parse("2026-11-20T12:00:00Z");

test("answers a schedule with its next run, and without one when it is over", async () => {
  const schedules = memoryReplayScheduler(() => MADE_MS);
  const replay = { recordingId: "drive-1" };
  await schedules.put({
    name: "once",
    timing: { at: "2026-12-01T03:00:00" },
    timezone: "Europe/Ljubljana",
    replay,
  });
  const at = (now: string) =>
    call(
      createHandler(() => ({ schedules, now: () => Date.parse(now) })),
      ROUTE,
      { path: { name: "once" } },
    );
  const before = await at("2026-12-01T01:59:59Z");
  expect(before.json).toEqual({
    name: "once",
    at: "2026-12-01T03:00:00",
    timezone: "Europe/Ljubljana",
    replay,
    nextRun: { at: "2026-12-01T02:00:00.000Z", replayId: "once-20261201T020000Z" },
    createdAt: "2026-11-20T12:00:00.000Z",
    updatedAt: "2026-11-20T12:00:00.000Z",
    links: { self: "/replay-schedules/once", nextReplay: "/replays/once-20261201T020000Z" },
  });
  const after = await at("2026-12-01T02:00:00Z");
  expect(after.status).toBe(200);
  expect(after.json.nextRun).toBeUndefined();
  expect(after.json.links).toEqual({ self: "/replay-schedules/once" });
});

test("one that is not there is a 404 problem", async () => {
  const handler = createHandler(
    perTenant(() => ({ schedules: memoryReplayScheduler(), now: () => MADE_MS })),
  );
  expect(await call(handler, ROUTE, { path: { name: "ghost" } })).toMatchObject({
    status: 404,
    json: { detail: "there is no replay schedule ghost" },
  });
});

test("a key with a device prefix sees nothing of other devices", async () => {
  const schedules = memoryReplayScheduler();
  const replay = { recordingId: "drive-1", deviceId: "bus-1" };
  await schedules.put({ name: "theirs", timing: { cron: "0 3 * * ? *" }, timezone: "UTC", replay });
  const handler = createHandler(() => ({ schedules, now: () => MADE_MS }));
  const get = (devicePrefix: string) =>
    call(handler, ROUTE, { path: { name: "theirs" }, caller: { devicePrefix } });
  expect(await get("van-")).toMatchObject({ status: 403 });
  expect(await get("bus-")).toMatchObject({ status: 200 });
});
