import { expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { deviceStateOf } from "../../../test/device-state.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "GET /devices/{deviceId}";
const T0 = Date.UTC(2026, 10, 20, 12);

test("finding 6, finding 10: a device's state tells whether its odometer is complete, and of conflicts", async () => {
  const devices = memoryDeviceStore();
  const positions = [
    { timestampMs: T0, latitude: 1, longitude: 2 },
    { timestampMs: T0 + 1000, latitude: 1.0001, longitude: 2, speedMetersPerSecond: 11.1 },
  ];
  await devices.save(
    deviceStateOf("car-1", positions, {
      odometerMeters: 11.119492,
      odometerComplete: false,
      latePositionCount: 1,
      conflictCount: 2,
      lastHeardMs: T0 + 1500,
    }),
  );
  const answer = await call(
    createHandler(() => ({ devices })),
    ROUTE,
    { path: { deviceId: "car-1" } },
  );
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.json).toEqual({
    deviceId: "car-1",
    position: {
      timestamp: "2026-11-20T12:00:01.000Z",
      latitude: 1.0001,
      longitude: 2,
      speedMetersPerSecond: 11.1,
    },
    odometerMeters: 11.12,
    odometerComplete: false,
    positionCount: 2,
    latePositionCount: 1,
    conflictCount: 2,
    lastHeard: "2026-11-20T12:00:01.500Z",
  });
});

test("a device that was never heard is a 404 problem", async () => {
  const answer = await call(createHandler(perTenant(() => ({ devices: memoryDeviceStore() }))), ROUTE, {
    path: { deviceId: "ghost" },
  });
  expect(answer).toMatchObject({
    status: 404,
    json: {
      type: "urn:backtrack:problem:not-found",
      detail: "device ghost was never heard, or only within the last seconds",
    },
  });
});

test("a device that stands still tells since when, also when that has been sealed", async () => {
  const devices = memoryDeviceStore();
  const standstill = { timestampMs: T0 + 1000, latitude: 1, longitude: 2, speedMetersPerSecond: 0.2 };
  await devices.save(deviceStateOf("parked", [standstill]));
  const sealed = { sealedUntilMs: T0, sealedDetections: { standing: { sinceMs: T0 - 60_000 } } };
  await devices.save(deviceStateOf("parked-long", [standstill], sealed));
  await devices.save(deviceStateOf("moving", [{ ...standstill, speedMetersPerSecond: 9 }], sealed));
  const since = async (deviceId: string) =>
    (
      await call(
        createHandler(() => ({ devices })),
        ROUTE,
        { path: { deviceId } },
      )
    ).json.standingSince;
  expect(await since("parked")).toBe("2026-11-20T12:00:01.000Z");
  expect(await since("parked-long")).toBe("2026-11-20T11:59:00.000Z");
  expect(await since("moving")).toBeUndefined();
});
