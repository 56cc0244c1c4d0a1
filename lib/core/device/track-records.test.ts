import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { deliver, deliveries } from "../../../test/tracking/delivery.ts";
import { DEVICES, expectWorld, memoryPorts } from "../../../test/tracking/expect-world.ts";
import { Oracle } from "../../../test/tracking/oracle.ts";
import { worlds } from "../../../test/tracking/world.ts";
import { WRONG_DESIGNS } from "../../../test/tracking/wrong-designs.ts";
import { readTrack } from "../track/read-track.ts";
import { deviceTrack } from "../track/track-store.ts";
import { type TrackingPorts, trackRecords } from "./track-records.ts";

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
    await fc.assert(property(), { numRuns: propertyRuns(300), endOnFailure: true });
  }, 120_000);

  test.for(WRONG_DESIGNS)(
    "the property catches a wrong design: $name",
    async ({ of, seed = 1 }, { annotate }) => {
      const { counterexample, numRuns } = await fc.check(property(of), {
        numRuns: 2000,
        seed,
        endOnFailure: true,
      });
      if (counterexample === null) throw new Error(`not caught in ${numRuns} runs`);
      await annotate(`caught in run ${numRuns}`);
      await fc.assert(property(), { examples: [counterexample], numRuns: 1 });
    },
  );

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
