import { beforeEach, describe, expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryPositionStream } from "../../../lib/adapters/memory/position-stream.ts";
import { memoryRecordingStore } from "../../../lib/adapters/memory/recording-store.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { DeviceStateError } from "../../../lib/core/device/state-bytes.ts";
import { ThrottledError, UnavailableError } from "../../../lib/core/errors.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { parseTenantId, type TenantId } from "../../../lib/core/tenant/tenant-id.ts";
import type { TenantLimits } from "../../../lib/core/tenant/tenant-limits.ts";
import { devicesWithoutRoom } from "../../../lib/core/usage/room-for-devices.ts";
import { STORED_CACHE_SECONDS, storageCheck } from "../../../lib/core/usage/room-for-positions.ts";
import { deviceStateOf } from "../../../test/device-state.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const ACME = parseTenantId("acme");
const OTHER = parseTenantId("other");
const RULE = "is new, and the limit on devices (2) is reached: delete one, or have the limit raised";

let clock: { nowMs: number };
let limits: Partial<Record<string, TenantLimits>>;
let world: ReturnType<typeof given>;

const given = () => {
  const now = () => clock.nowMs;
  const limitsOf = async (tenant: TenantId) => limits[tenant] ?? {};
  const fault: { beforePut?: Error; reading?: Error; damage?: Error } = {};
  const devices = perTenant(() =>
    memoryDeviceStore(() => {
      if (fault.beforePut) throw fault.beforePut;
    }),
  );
  const recordings = perTenant(() => memoryRecordingStore());
  const stream = perTenant(() => memoryPositionStream());
  let reads = 0;
  const counting = (tenant: TenantId) => {
    reads++;
    const { reading, damage } = fault;
    const failing = async () => {
      throw reading ?? damage;
    };
    if (damage) return { ...devices(tenant), load: failing };
    if (!reading) return devices(tenant);
    return { ...devices(tenant), load: failing, listed: failing, count: failing, list: failing };
  };
  const handler = createHandler({
    stream,
    compression: zstd,
    now,
    withoutRoom: devicesWithoutRoom({ limits: limitsOf, devices: counting, now }),
    checkStorage: storageCheck({
      limits: limitsOf,
      stored: (tenant) => ({ devices: counting(tenant), recordings: recordings(tenant) }),
      now,
    }),
  });
  const position = { timestamp: NOW_MS, latitude: 1, longitude: 2 };
  return {
    reads: () => reads,
    fault,
    has: async (deviceId: string, tenant = ACME, positionCount = 1) =>
      devices(tenant).save(
        deviceStateOf(deviceId, [{ timestampMs: NOW_MS, latitude: 1, longitude: 2 }], { positionCount }),
      ),
    damage: (error: Error) => {
      fault.damage = error;
    },
    forget: (deviceId: string) => devices(ACME).remove(deviceId),
    sentBy: (tenant = ACME) => stream(tenant).records.length,
    send: (deviceId: string, tenant = ACME) =>
      call(handler, "POST /devices/{deviceId}/positions", {
        path: { deviceId },
        body: position,
        caller: { tenant },
      }),
    sendFleet: (deviceIds: readonly string[]) =>
      call(handler, "POST /positions", {
        body: deviceIds.map((deviceId) => ({ deviceId, ...position })),
        caller: { tenant: ACME },
      }),
  };
};

beforeEach(() => {
  clock = { nowMs: NOW_MS };
  limits = { acme: { devices: 2 } };
  world = given();
});

describe("a limit of devices", () => {
  test("takes new ones up to it, and those that exist beyond it", async () => {
    await world.has("a");
    expect((await world.send("b")).status).toBe(202);
    await world.has("b");
    const answer = await world.send("c");
    expect(answer).toMatchObject({
      status: 409,
      json: { detail: `device c ${RULE}`, errors: [{ field: "deviceId", value: "c", rule: RULE }] },
    });
    expect((await world.send("a")).status).toBe(202);
    expect(world.sentBy()).toBe(2);
    limits.acme = { devices: 1 };
    expect((await world.send("a")).status).toBe(202);
  });

  test("of a fleet refuses the new ones that are too many, one by one", async () => {
    await world.has("a");
    const answer = await world.sendFleet(["c", "a", "d", "a"]);
    expect(answer).toMatchObject({ status: 202, json: { accepted: 3 } });
    expect(answer.json.rejected).toEqual([
      { error: `deviceId ${RULE} (got "d")`, field: "deviceId", value: "d", rule: RULE },
    ]);
    await world.has("c");
    expect((await world.sendFleet(["d", "e"])).status).toBe(409);
  });

  test("is each tenant's own, and without one nothing is read", async () => {
    await world.has("a");
    await world.has("b");
    expect((await world.send("c")).status).toBe(409);
    const before = world.reads();
    expect((await world.send("c", OTHER)).status).toBe(202);
    expect(world.reads()).toBe(before);
  });

  test("has room again soon after a device is gone, and counts rarely until then", async () => {
    await world.has("a");
    await world.has("b");
    expect((await world.send("c")).status).toBe(409);
    await world.forget("b");
    expect((await world.send("c")).status).toBe(409);
    clock.nowMs += 10_000;
    expect((await world.send("c")).status).toBe(202);
  });

  test("does not lock out a device whose first save failed halfway", async () => {
    await world.has("a");
    world.fault.beforePut = new UnavailableError("devices");
    await expect(world.has("b")).rejects.toThrow(UnavailableError);
    expect((await world.send("c")).status).toBe(409);
    expect((await world.send("b")).status).toBe(202);
    expect((await world.sendFleet(["b", "c", "a"])).json).toMatchObject({ accepted: 2 });
  });

  test("takes the positions of a device whose state is damaged", async () => {
    await world.has("a");
    await world.has("b");
    world.damage(new DeviceStateError("its format is 1, not 2"));
    expect((await world.send("b")).status).toBe(202);
    expect((await world.sendFleet(["b", "c"])).json).toMatchObject({ accepted: 1 });
  });

  test.each([new ThrottledError("devices"), new UnavailableError("devices")])(
    "lets positions through while the tables do not answer, and asks again some seconds later: $name",
    async (error) => {
      limits.acme = { devices: 0, storedPositions: 10 };
      world.fault.reading = error;
      expect((await world.send("a")).status).toBe(202);
      const before = world.reads();
      expect((await world.send("a")).status).toBe(202);
      expect(world.reads()).toBe(before);
      world.fault.reading = undefined;
      clock.nowMs += 10_000;
      expect((await world.send("a")).status).toBe(409);
    },
  );

  test("does not hide a mistake of ours", async () => {
    world.fault.reading = new TypeError("a mistake");
    expect((await world.send("a")).status).toBe(500);
  });

  test("of 0 takes no device", async () => {
    limits.acme = { devices: 0 };
    expect((await world.send("a")).status).toBe(409);
  });
});

describe("a limit of stored positions", () => {
  beforeEach(() => {
    limits = { acme: { storedPositions: 10 } };
  });

  test("takes positions up to it, and none beyond", async () => {
    await world.has("a", ACME, 9);
    expect((await world.send("a")).status).toBe(202);
    expect((await world.sendFleet(["a", "b"])).status).toBe(409);
    expect((await world.sendFleet(["a", "b"])).json.detail).toBe(
      "storedPositions is limited to 10, and 9 are stored: 2 more do not fit; delete devices or recordings, or have the limit raised",
    );
    expect((await world.send("a", OTHER)).status).toBe(202);
    expect(world.sentBy()).toBe(1);
  });

  test("is counted once for requests that come together", async () => {
    await world.has("a", ACME, 9);
    const before = world.reads();
    await Promise.all(["a", "a", "a", "a"].map((deviceId) => world.send(deviceId)));
    expect(world.reads() - before).toBe(1);
  });

  test("holds by the last count while the tables do not answer", async () => {
    await world.has("a", ACME, 10);
    expect((await world.send("a")).status).toBe(409);
    world.fault.reading = new UnavailableError("devices");
    clock.nowMs += STORED_CACHE_SECONDS * 1000;
    expect((await world.send("a")).status).toBe(409);
    world.fault.reading = undefined;
    await world.forget("a");
    clock.nowMs += 10_000;
    expect((await world.send("a")).status).toBe(202);
  });

  test("counts again after five minutes", async () => {
    await world.has("a", ACME, 10);
    expect((await world.send("a")).status).toBe(409);
    await world.forget("a");
    clock.nowMs += STORED_CACHE_SECONDS * 1000 - 1;
    expect((await world.send("a")).status).toBe(409);
    clock.nowMs += 1;
    expect((await world.send("a")).status).toBe(202);
  });
});
