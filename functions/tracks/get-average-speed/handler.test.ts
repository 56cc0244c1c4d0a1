import { beforeAll, describe, expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import type { Position } from "../../../lib/core/position/position.ts";
import { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";
import { encodeSegment } from "../../../lib/core/segment/segment.ts";
import { deviceTrack } from "../../../lib/core/track/track-store.ts";
import { deviceStateOf } from "../../../test/device-state.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "GET /devices/{deviceId}/average-speed";
const T0 = Date.UTC(2026, 10, 20, 12);
const devices = memoryDeviceStore();
const tracks = memoryTrackStore();
let segmentReads = 0;
const handler = createHandler(() => ({
  devices,
  tracks: {
    ...tracks,
    segments: (trackId, range) => {
      segmentReads++;
      return tracks.segments(trackId, range);
    },
  },
  compression: zstd,
}));

/** The speed at second s is s m/s: over any window its average is the speed in the middle. */
const positionAt = (second: number): Position => ({
  timestampMs: T0 + second * 1000,
  latitude: 48,
  longitude: 11,
  speedMetersPerSecond: second,
});
const seconds = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

beforeAll(async () => {
  const sealed = seconds(0, 100).map(positionAt);
  await tracks.put(deviceTrack("car-1"), [
    {
      kind: "sealed",
      firstTimestampMs: T0,
      lastTimestampMs: T0 + 99_000,
      positionCount: 100,
      data: encodeSegment(PositionBuffer.from(sealed)),
    },
  ]);
  const tail = seconds(100, 121).map(positionAt);
  await devices.save(deviceStateOf("car-1", tail, { sealedUntilMs: T0 + 99_000, positionCount: 121 }));
});

const get = (query: Record<string, string | number> = {}, deviceId = "car-1") =>
  call(handler, ROUTE, { path: { deviceId }, query });

describe("averages", () => {
  test("from the tail alone where it reaches back", async () => {
    segmentReads = 0;
    const answer = await get({ windowSeconds: 10 });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.json).toEqual({
      deviceId: "car-1",
      windowSeconds: 10,
      from: "2026-11-20T12:01:50.000Z",
      to: "2026-11-20T12:02:00.000Z",
      averageSpeedMetersPerSecond: 115,
      coverage: 1,
      positionCount: 11,
    });
    expect(segmentReads).toBe(0);
  });

  test("over the last minute by default, from segments and tail", async () => {
    const { json } = await get();
    expect(json).toMatchObject({
      windowSeconds: 60,
      averageSpeedMetersPerSecond: 90,
      coverage: 1,
      positionCount: 61,
    });
  });

  test("up to a moment in the past, interpolating at the edges", async () => {
    const { json } = await get({ windowSeconds: 10, at: "2026-11-20T12:00:50.500Z" });
    expect(json.averageSpeedMetersPerSecond).toBeCloseTo(45.5, 6);
    expect(json).toMatchObject({ to: "2026-11-20T12:00:50.500Z", coverage: 1, positionCount: 10 });
  });

  test("over what there is, and says how much of the window that was", async () => {
    const { json } = await get({ windowSeconds: 240 });
    expect(json.averageSpeedMetersPerSecond).toBeCloseTo(60, 6);
    expect(json).toMatchObject({ coverage: 0.5, positionCount: 121 });
  });
});

describe("refuses", () => {
  test.each([
    [{ windowSeconds: -5 }, "windowSeconds"],
    [{ windowSeconds: 0 }, "windowSeconds"],
    [{ windowSeconds: "5e-324" }, "windowSeconds"],
    [{ windowSeconds: 1e9 }, "windowSeconds"],
    [{ windowSeconds: "NaN" }, "windowSeconds"],
    [{ windowSeconds: "ten" }, "windowSeconds"],
    [{ at: "now" }, "at"],
    [{ window: 5 }, "window"],
  ])("%j", async (query, field) => {
    const answer = await get(query as Record<string, string>);
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toMatchObject([{ field }]);
  });

  test("a device that was never heard, or has no position yet: 404", async () => {
    expect((await get({}, "ghost")).status).toBe(404);
    await devices.save(deviceStateOf("silent", []));
    expect(await get({}, "silent")).toMatchObject({
      status: 404,
      json: { detail: "device silent has no position yet" },
    });
  });
});
