import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { deliver, deliveries } from "../../../test/tracking/delivery.ts";
import { Oracle } from "../../../test/tracking/oracle.ts";
import { type WorldRecord, worlds } from "../../../test/tracking/world.ts";
import { WRONG_DESIGNS } from "../../../test/tracking/wrong-designs.ts";
import { memoryDeviceStore } from "../../adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../../adapters/memory/quarantine-store.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { zstd } from "../../adapters/zstd.ts";
import { readTrack } from "../track/read-track.ts";
import { deviceTrack } from "../track/track-store.ts";
import { type TrackingPorts, trackRecords } from "./track-records.ts";

const DEVICES = ["device-0", "device-1", "device-2"];

const memoryPorts = (): TrackingPorts => ({
  devices: memoryDeviceStore(),
  tracks: memoryTrackStore(),
  quarantine: memoryQuarantineStore(),
  compression: zstd,
});

const expectWorld = async (ports: TrackingPorts, world: readonly WorldRecord[]): Promise<void> => {
  const states = await ports.devices.load(DEVICES);
  for (const deviceId of DEVICES) {
    const expected = Oracle.expected(deviceId, world);
    const state = states.get(deviceId);
    if (expected === undefined) {
      expect(state).toBeUndefined();
      continue;
    }
    expect({ ...state, version: 0, tail: [...(state?.tail ?? [])] }).toEqual({
      ...expected.state,
      version: 0,
      tail: [...expected.state.tail],
    });
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: Number.MAX_SAFE_INTEGER };
    const { positions } = await readTrack(ports, deviceTrack(deviceId), { ...range, tail: state?.tail });
    expect([...positions]).toEqual(expected.track);
  }
  for (const { record, positions } of world) {
    if (positions.length === 0)
      expect(await ports.quarantine.get(record.recordId)).toMatchObject({ data: record.data });
  }
};

/** Whatever the deliveries, the world is what one clean pass makes of it. */
const property = (portsOf: (ports: TrackingPorts) => TrackingPorts = (ports) => ports) =>
  fc.asyncProperty(worlds(120), deliveries, async (world, plan) => {
    const ports = memoryPorts();
    await deliver(
      portsOf(ports),
      world.map(({ record }) => record),
      plan,
    );
    await expectWorld(ports, world);
  });

describe("tracking", () => {
  test("any redelivery, batch cut, crash and zombie leaves the same states and tracks", async () => {
    await fc.assert(property(), { numRuns: propertyRuns(300) });
  }, 120_000);

  test.for(WRONG_DESIGNS)("the property catches a wrong design: $name", async ({ of }, { annotate }) => {
    const { counterexample, numRuns } = await fc.check(property(of), {
      numRuns: 2000,
      seed: 1,
      endOnFailure: true,
    });
    if (counterexample === null) throw new Error(`not caught in ${numRuns} runs`);
    await annotate(`caught in run ${numRuns}`);
    await fc.assert(property(), { examples: [counterexample], numRuns: 1 });
  });

  test("a reader that has the tail first misses nothing that is sealed while it reads", async () => {
    const sample = fc.sample(worlds(200), { numRuns: 20, seed: 3 });
    for (const world of sample) {
      const ports = memoryPorts();
      const records = world.map(({ record }) => record);
      const half = Math.ceil(records.length / 2);
      await trackRecords(ports, records.slice(0, half));
      const states = await ports.devices.load(DEVICES);
      await trackRecords(ports, records.slice(half));
      for (const [deviceId, { tail }] of states) {
        const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: Number.MAX_SAFE_INTEGER };
        const { positions } = await readTrack(ports, deviceTrack(deviceId), { ...range, tail });
        const told = new Set([...positions].map(({ timestampMs }) => timestampMs));
        const track = Oracle.expected(deviceId, world.slice(0, half))?.track ?? [];
        expect(track.filter(({ timestampMs }) => !told.has(timestampMs))).toEqual([]);
        expect(told.size).toBe(positions.count);
      }
    }
  });
});
