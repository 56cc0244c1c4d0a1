import { describe, expect, test } from "vitest";
import { memoryPorts } from "../../../test/tracking/expect-world.ts";
import { ThrottledError, TooLargeError } from "../errors.ts";
import { DeviceStateError } from "./device-state-codec.ts";
import { type TrackedRecord, type TrackingPorts, trackRecords } from "./track-records.ts";

const T0 = Date.UTC(2026, 10, 20, 12);

const record = (number: number, deviceId = "car-1"): TrackedRecord => ({
  stream: "positions",
  sequenceNumber: String(number),
  recordId: `shard-0:${number}`,
  partitionKey: deviceId,
  arrivedAtMs: T0 + number * 1000,
  data: new TextEncoder().encode(
    JSON.stringify({ timestamp: T0 + number * 1000, latitude: 45 + number / 1000, longitude: 7 }),
  ),
});

const countOf = async ({ devices }: TrackingPorts, deviceId: string) =>
  (await devices.load([deviceId])).get(deviceId)?.positionCount;

/** The table refuses a state whose newest position is of this record. */
const refusing = (ports: TrackingPorts, number: number, error: Error): TrackingPorts => ({
  ...ports,
  devices: {
    ...ports.devices,
    async save(state) {
      const { timestampsMs, count } = state.tail;
      if ([...timestampsMs.subarray(0, count)].includes(T0 + number * 1000)) throw error;
      await ports.devices.save(state);
    },
  },
});

describe("finding 9: what can never succeed", () => {
  test("is set aside at once, whole, with the reason, and only its record", async () => {
    const ports = memoryPorts();
    const records = [record(1), record(2), record(3), record(4, "car-2")];
    const outcome = await trackRecords(
      refusing(ports, 2, new TooLargeError("the item is too large")),
      records,
    );
    expect(outcome).toMatchObject({ failures: [], quarantinedRecordCount: 1 });
    expect(await ports.quarantine.get("shard-0:2")).toMatchObject({
      reason: expect.stringContaining("the item is too large"),
      data: records[1].data,
    });
    expect([await countOf(ports, "car-1"), await countOf(ports, "car-2")]).toEqual([2, 1]);
  });

  test("of a device whose stored state can't be read is all of its records: the lane goes on", async () => {
    const ports = memoryPorts();
    const damaged: TrackingPorts = {
      ...ports,
      devices: {
        ...ports.devices,
        async load(deviceIds) {
          if (deviceIds.includes("car-1")) throw new DeviceStateError("state of device car-1 can't be read");
          return ports.devices.load(deviceIds);
        },
      },
    };
    const outcome = await trackRecords(damaged, [record(1), record(2, "car-2"), record(3)]);
    expect(outcome).toMatchObject({ failures: [], quarantinedRecordCount: 2 });
    expect((await ports.quarantine.get("shard-0:3"))?.reason).toContain("car-1 can't be read");
    expect(await countOf(ports, "car-2")).toBe(1);
  });

  test("and what may succeed comes again", async () => {
    const ports = memoryPorts();
    const outcome = await trackRecords(refusing(ports, 2, new ThrottledError("slow down")), [
      record(1),
      record(2),
    ]);
    expect(outcome).toMatchObject({ failures: [{ sequenceNumber: "1" }], quarantinedRecordCount: 0 });
    expect(await ports.quarantine.get("shard-0:2")).toBeUndefined();
  });
});

describe("finding 9: late positions of one record", () => {
  test("are split by bytes: no item is beyond one write unit, however many they are", async () => {
    const ports = memoryPorts();
    const at = (index: number) => ({
      timestamp: T0 - 9_000_000 + index * 40 + (index % 7),
      latitude: Math.sin(index * 997) * 80,
      longitude: Math.cos(index * 991) * 170,
      accuracyMeters: (index * 7919) % 900,
    });
    const data = (from: number, to: number) =>
      new TextEncoder().encode(
        JSON.stringify(Array.from({ length: to - from }, (_, index) => at(from + index))),
      );
    const newest = Array.from({ length: 400 }, (_, index) => ({
      ...at(index),
      timestamp: T0 - 400_000 + index * 1000,
    }));
    await trackRecords(ports, [
      { ...record(1), data: new TextEncoder().encode(JSON.stringify(newest)) },
      { ...record(2), data: data(0, 3000) },
    ]);
    const sizes: number[] = [];
    const range = { fromMs: 0, toMs: T0 - 500_000 };
    for await (const segment of ports.tracks.segments("device#car-1", range)) {
      if (segment.kind === "late") sizes.push(segment.data.length + segment.bringers.length);
    }
    expect(sizes.length).toBeGreaterThan(20);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(700);
    expect(await countOf(ports, "car-1")).toBe(3400);
  });
});
