import { describe, expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryRepairStore } from "../../../lib/adapters/memory/repair-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";
import { encodeSegment } from "../../../lib/core/segment/segment.ts";
import { deviceTrack } from "../../../lib/core/track/track-store.ts";
import { deviceStateOf } from "../../../test/device-state.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "POST /devices/{deviceId}/repairs";
const T0 = Date.UTC(2026, 10, 20, 12);

const positions = Array.from({ length: 11 }, (_, index) => ({
  timestampMs: T0 + index * 1000,
  latitude: 45 + index / 1e4,
  longitude: 7,
  speedMetersPerSecond: 11,
}));

/** Ten positions on the track, whose distance nobody added up, and one in the tail. */
const world = async () => {
  const ports = {
    devices: memoryDeviceStore(),
    tracks: memoryTrackStore(),
    repairs: memoryRepairStore(),
    compression: zstd,
    now: () => T0,
  };
  const state = deviceStateOf("car-1", positions.slice(10), {
    positionCount: 11,
    latePositionCount: 9,
    sealedUntilMs: T0 + 9000,
    odometerComplete: false,
    owedFromMs: T0,
  });
  await ports.devices.save(state);
  await ports.tracks.put(deviceTrack("car-1"), [
    {
      kind: "sealed",
      firstTimestampMs: T0,
      lastTimestampMs: T0 + 9000,
      positionCount: 10,
      data: encodeSegment(PositionBuffer.from(positions.slice(0, 10))),
    },
  ]);
  return ports;
};

const request = { path: { deviceId: "car-1" } };

describe("finding 6: POST /devices/{deviceId}/repairs", () => {
  test("puts the odometer right; calling again changes nothing", async () => {
    const ports = await world();
    const body = { complete: true, positionCount: 10, odometerMeters: 111.2 };
    for (let time = 0; time < 2; time++) {
      const answer = await call(
        createHandler(() => ports),
        ROUTE,
        request,
      );
      expect(answer).toMatchObject({ status: 200, json: body });
    }
    expect((await ports.devices.load(["car-1"])).get("car-1")).toMatchObject({
      odometerComplete: true,
      latePositionCount: 0,
    });
  });

  test("answers 202 with what is done while there is more, and goes on where it was", async () => {
    const ports = await world();
    const handler = createHandler(() => ports, { maximumPositions: 4, maximumMs: 1000 });
    const answers = [];
    for (let time = 0; time < 3; time++) answers.push(await call(handler, ROUTE, request));
    expect(answers.map(({ status, json }) => [status, json.complete, json.positionCount])).toEqual([
      [202, false, 4],
      [202, false, 8],
      [200, true, 10],
    ]);
  });

  test("answers 202 and when to come back while another call is at work", async () => {
    const ports = await world();
    await ports.repairs.save({ deviceId: "car-1", version: 0, leaseUntilMs: T0 + 1, checkpoints: [] });
    const answer = await call(
      createHandler(() => ports),
      ROUTE,
      request,
    );
    expect(answer).toMatchObject({ status: 202, json: { complete: false } });
    expect(answer.headers).toMatchObject({ "retry-after": "5" });
  });

  test("of a device that was never heard is a 404", async () => {
    const ports = await world();
    const answer = await call(
      createHandler(() => ports),
      ROUTE,
      { path: { deviceId: "ghost" } },
    );
    expect(answer).toMatchObject({
      status: 404,
      json: { detail: expect.stringContaining("device ghost was never heard") },
    });
  });
});
