import { describe, expect, test } from "vitest";
import { memoryDeviceStore } from "../../adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../../adapters/memory/quarantine-store.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { zstd } from "../../adapters/zstd.ts";
import { UnavailableError } from "../errors.ts";
import { DEFAULT_TENANT } from "../tenant/tenant-id.ts";
import { whyNoDevice } from "../usage/room-for-devices.ts";
import { type TrackedRecord, trackRecords } from "./track-records.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);
let sequence = 0;

const record = (deviceId: string, text?: string): TrackedRecord => ({
  recordId: `shard-0:${++sequence}`,
  stream: "positions",
  sequenceNumber: `${sequence}`,
  partitionKey: deviceId,
  arrivedAtMs: NOW_MS,
  data: new TextEncoder().encode(
    text ?? JSON.stringify({ timestamp: NOW_MS + sequence * 1000, latitude: 1, longitude: 2 }),
  ),
});

const given = (limit: number) => {
  const limits = { devices: limit };
  const clock = { nowMs: NOW_MS };
  const fault = { isOn: false };
  const devices = memoryDeviceStore(() => {
    if (fault.isOn) throw new UnavailableError("devices");
  });
  let counts = 0;
  const counting = {
    ...devices,
    count: (upTo: number) => {
      counts++;
      return devices.count(upTo);
    },
  };
  const quarantine = memoryQuarantineStore();
  const ports = {
    devices,
    quarantine,
    tracks: memoryTrackStore(),
    streams: { createdAtMs: async () => 0 },
    compression: zstd,
    whyNoDevice: whyNoDevice({ limits: async () => limits, devices: () => counting, now: () => clock.nowMs })(
      DEFAULT_TENANT,
    ),
  };
  return {
    ports,
    limits,
    clock,
    fault,
    counts: () => counts,
    track: (records: readonly TrackedRecord[]) => trackRecords(ports, records),
    deviceIds: async () => (await devices.list({ limit: 100 })).items.map(({ deviceId }) => deviceId),
    quarantined: async () => (await quarantine.list({ limit: 100 })).items,
  };
};

describe("a record of a device that is one too many", () => {
  test("is kept in quarantine with the reason, and holds up nobody", async () => {
    const { track, deviceIds, quarantined, ports } = given(2);
    await track([record("a")]);
    await track([record("b")]);
    const late = record("c");
    const outcome = await track([late, record("a"), record("b")]);
    expect(outcome).toMatchObject({ failures: [], quarantinedRecordCount: 1, appliedRecordCount: 2 });
    expect(await deviceIds()).toEqual(["a", "b"]);
    const [kept] = await quarantined();
    expect(kept).toMatchObject({
      recordId: late.recordId,
      partitionKey: "c",
      reason: "it is new, and the limit on devices (2) is reached: delete one, or have the limit raised",
    });
    expect((await ports.quarantine.get(late.recordId))?.data).toEqual(late.data);
  });

  test("is kept once, however often it comes, and after a crash in the middle", async () => {
    const { track, quarantined, ports } = given(0);
    const records = [record("a"), record("a"), record("a")];
    let puts = 0;
    const crashing = {
      ...ports,
      quarantine: {
        ...ports.quarantine,
        put: async (one: Parameters<typeof ports.quarantine.put>[0]) => {
          if (++puts === 2) throw new Error("crash");
          await ports.quarantine.put(one);
        },
      },
    };
    const broken = await trackRecords(crashing, records);
    expect(broken.failures).toHaveLength(1);
    for (let times = 0; times < 2; times++) expect((await track(records)).failures).toEqual([]);
    expect(await quarantined()).toHaveLength(3);
  });

  test("begins a device when there is room again", async () => {
    const { track, deviceIds, limits } = given(0);
    await track([record("a")]);
    limits.devices = 1;
    await track([record("a")]);
    expect(await deviceIds()).toEqual(["a"]);
  });

  test("is not one whose own first save failed halfway", async () => {
    const { track, deviceIds, quarantined, fault } = given(2);
    await track([record("a")]);
    fault.isOn = true;
    const first = record("b");
    expect((await track([first])).failures).toHaveLength(1);
    fault.isOn = false;
    // Others find no room meanwhile: the place is taken.
    await track([record("c")]);
    expect((await track([first])).failures).toEqual([]);
    expect(await deviceIds()).toEqual(["a", "b"]);
    expect((await quarantined()).map(({ partitionKey }) => partitionKey)).toEqual(["c"]);
  });

  test("does not cause a count each time, and finds room again soon after a device is gone", async () => {
    const { track, deviceIds, counts, clock, ports } = given(1);
    await track([record("a")]);
    await track([record("b")]);
    const before = counts();
    await track([record("b"), record("c")]);
    await ports.devices.remove("a");
    await track([record("b")]);
    expect(counts()).toBe(before);
    clock.nowMs += 10_000;
    await track([record("b")]);
    expect(await deviceIds()).toEqual(["b"]);
  });

  test("that can't be read is kept for that, as no device begins", async () => {
    const { track, quarantined } = given(0);
    await track([record("a", "no JSON")]);
    expect((await quarantined())[0]?.reason).not.toContain("limit");
  });
});

test("devices that begin in one batch are more than the limit by those that begin at once, at most", async () => {
  const { track, deviceIds } = given(3);
  await track(Array.from({ length: 40 }, (_, index) => record(`device-${index}`)));
  const count = (await deviceIds()).length;
  // 24 devices are worked on at once.
  expect(count).toBeGreaterThanOrEqual(3);
  expect(count).toBeLessThanOrEqual(3 + 24);
  await track(Array.from({ length: 40 }, (_, index) => record(`other-${index}`)));
  expect((await deviceIds()).length).toBe(count);
});
