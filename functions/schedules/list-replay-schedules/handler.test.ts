import { expect, test } from "vitest";
import { memoryReplayScheduler } from "../../../lib/adapters/memory/replay-scheduler.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "GET /replay-schedules";
const NOW_MS = Date.parse("2026-11-20T12:00:00Z");

test("lists schedules with their next runs, page by page", async () => {
  const schedules = memoryReplayScheduler(() => NOW_MS);
  for (const name of ["a", "b", "c"]) {
    const timing = { cron: "0 3 * * ? *" };
    await schedules.put({ name, timing, timezone: "UTC", replay: { recordingId: "drive-1" } });
  }
  const handler = createHandler(() => ({ schedules, now: () => NOW_MS }));
  const first = await call(handler, ROUTE, { query: { limit: 2 } });
  expect(first.json.schedules).toMatchObject([
    { name: "a", nextRun: { at: "2026-11-21T03:00:00.000Z", replayId: "a-20261121T030000Z" } },
    { name: "b" },
  ]);
  expect(first.headers.link).toContain('rel="next"');
  const second = await call(handler, ROUTE, { query: { limit: 2, cursor: first.json.cursor } });
  expect(second.json.schedules).toMatchObject([{ name: "c" }]);
  expect(second.json.cursor).toBeUndefined();
  expect(await call(handler, ROUTE, { query: { limit: 51 } })).toMatchObject({ status: 400 });
});

test("a key with a device prefix sees the schedules of its devices", async () => {
  const schedules = memoryReplayScheduler();
  for (const deviceId of ["bus-1", "van-1"]) {
    const replay = { recordingId: "drive-1", deviceId };
    await schedules.put({ name: deviceId, timing: { cron: "0 3 * * ? *" }, timezone: "UTC", replay });
  }
  const handler = createHandler(() => ({ schedules, now: () => NOW_MS }));
  const listed = await call(handler, ROUTE, { caller: { devicePrefix: "van-" } });
  expect(listed.json.schedules).toMatchObject([{ name: "van-1" }]);
});
