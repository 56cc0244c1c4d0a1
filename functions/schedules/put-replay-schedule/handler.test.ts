import { expect, test } from "vitest";
import { memoryRecordingStore } from "../../../lib/adapters/memory/recording-store.ts";
import { memoryReplayScheduler } from "../../../lib/adapters/memory/replay-scheduler.ts";
import { call } from "../../../test/http-event.ts";
import { RECORDING } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "PUT /replay-schedules/{name}";
const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const replay = { recordingId: "drive-1", deviceId: "van-7", rate: 2 };

const setUp = async () => {
  const schedules = memoryReplayScheduler(() => NOW_MS);
  const recordings = memoryRecordingStore();
  await recordings.put({ ...RECORDING, recordingId: "drive-1" });
  const handler = createHandler(() => ({ schedules, recordings, now: () => NOW_MS, maximumSchedules: 2 }));
  const put = (name: string, body: object) => call(handler, ROUTE, { path: { name }, body });
  return { schedules, handler, put };
};

test("makes a schedule, says when it runs next and which replay that will be, and changes it", async () => {
  const { put } = await setUp();
  const body = { cron: "0 3 ? * MON-FRI *", timezone: "Europe/Ljubljana", replay };
  const made = await put("nightly", body);
  expect(made).toMatchObject({ status: 201, headers: { location: "/replay-schedules/nightly" } });
  expect(made.json).toEqual({
    name: "nightly",
    ...body,
    nextRun: { at: "2026-11-23T02:00:00.000Z", replayId: "nightly-20261123T020000Z" },
    createdAt: "2026-11-20T12:00:00.000Z",
    updatedAt: "2026-11-20T12:00:00.000Z",
    links: { self: "/replay-schedules/nightly", nextReplay: "/replays/nightly-20261123T020000Z" },
  });
  const changed = await put("nightly", { rate: "1 day", replay });
  expect(changed).toMatchObject({
    status: 200,
    json: { rate: "1 day", timezone: "UTC", nextRun: { at: "2026-11-21T12:00:00.000Z" } },
  });
  expect(changed.json.cron).toBeUndefined();
});

test.each([
  [{ replay }, "at", /is missing/],
  [{ at: "2026-11-20T12:00:00", replay }, "at", /must be in the future/],
  [{ rate: "5 minutes", cron: "0 3 * * ? *", replay }, "cron", /must not be given together with rate/],
  [{ rate: "5 minutes", timezone: "Mars/Olympus", replay }, "timezone", /IANA/],
  [{ rate: "5 minutes", replay: { ...replay, rate: 0 } }, "replay.rate", /0\.01/],
  [{ rate: "5 minutes", replay: { ...replay, speed: 1 } }, "replay.speed", /is not a field here/],
  [{ rate: "5 minutes" }, "replay", /required/],
])("refuses %j and names %s", async (body, field, rule) => {
  const { put, schedules } = await setUp();
  const { status, json } = await put("nightly", body);
  expect(status).toBe(400);
  expect(json.errors).toContainEqual(expect.objectContaining({ field, rule: expect.stringMatching(rule) }));
  expect(await schedules.list({ limit: 1 })).toEqual({ items: [] });
});

test("refuses an invalid name, and a recording that does not exist", async () => {
  const { put } = await setUp();
  expect(await put("a/b", { rate: "5 minutes", replay })).toMatchObject({
    status: 400,
    json: { errors: [{ field: "name", value: "a/b" }] },
  });
  expect(await put("nightly", { rate: "5 minutes", replay: { recordingId: "gone" } })).toMatchObject({
    status: 404,
    json: { detail: "recording gone does not exist" },
  });
});

test("a key with a device prefix schedules its own devices, and puts nothing in the place of another's", async () => {
  const { schedules, handler } = await setUp();
  const caller = { devicePrefix: "van-" };
  const put = (name: string, body: object) => call(handler, ROUTE, { path: { name }, body, caller });
  expect(await put("mine", { rate: "5 minutes", replay })).toMatchObject({ status: 201 });
  const others = { rate: "5 minutes", replay: { ...replay, deviceId: "bus-1" } };
  expect(await put("theirs", others)).toMatchObject({ status: 403 });
  const timing = { rate: "5 minutes" };
  await schedules.put({ name: "theirs", timing, timezone: "UTC", replay: others.replay });
  expect(await put("theirs", { rate: "5 minutes", replay })).toMatchObject({ status: 403 });
  expect(await schedules.get("theirs")).toMatchObject({ replay: { deviceId: "bus-1" } });
});
