import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { type Delivery, deliver, deliveries } from "../../../test/tracking/delivery.ts";
import { memoryPorts } from "../../../test/tracking/expect-world.ts";
import { deliverBoth, lostPositions, twoLogs } from "../../../test/tracking/two-logs.ts";
import { type WorldRecord, worlds } from "../../../test/tracking/world.ts";
import {
  orphansBelieved,
  readerWithoutOverlap,
  sealedKeyedByTime,
  type WrongDesign,
} from "../../../test/tracking/wrong-designs.ts";
import type { Position } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { spreadSeconds } from "../position/spread-seconds.ts";
import type { TrackingPorts } from "./track-records.ts";

type Design = WrongDesign["of"];
const right: Design = (ports) => ports;

/** Whatever either consumer does, and whenever, nothing that was accepted is lost. */
const nothingLost = (of: Design = right) =>
  fc.asyncProperty(twoLogs, async (both) => {
    const ports = memoryPorts();
    await deliverBoth(of(ports), both);
    expect(await lostPositions(ports, both.logs.flat())).toEqual([]);
  });

interface Deployments {
  readonly world: readonly WorldRecord[];
  readonly plans: readonly (readonly Delivery[])[];
  readonly budgets: readonly number[];
}

const deployments: fc.Arbitrary<Deployments> = fc.record({
  world: worlds(100),
  plans: fc.tuple(deliveries, deliveries, deliveries),
  budgets: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 350, max: 900 }))),
});

const deployed = (ports: TrackingPorts, bytes: number): TrackingPorts => ({
  ...ports,
  devices: { ...ports.devices, stateBytes: () => bytes },
});

/** Each deployment seals by another rule, and takes up what the one before left undone. */
const sameTrack = (of: Design = right) =>
  fc.asyncProperty(deployments, async ({ world, plans, budgets }) => {
    const ports = memoryPorts();
    const records = world.map(({ record }) => record);
    let checkpoint = 0;
    for (const [index, plan] of plans.entries()) {
      const tracking = deployed(of(ports), budgets[index]);
      const batches = plan.slice(0, 8);
      checkpoint = await deliver(tracking, records, batches, undefined, {
        from: checkpoint,
        isFinished: false,
      });
    }
    await deliver(of(ports), records, [], undefined, {
      from: checkpoint,
    });
    expect(await lostPositions(ports, world)).toEqual([]);
    // When what is sealed depends on the deployment, so does what is late: all else is what one clean pass
    // makes.
    const compared = [...(await ports.devices.load(["device-0", "device-1", "device-2"])).values()];
    for (const state of compared) {
      const brought = world.filter(({ record }) => record.partitionKey === state.deviceId);
      const times = new Set(brought.flatMap(({ positions }) => appliedTimes(positions)));
      expect(state.positionCount).toBe(times.size);
    }
  });

/** Places of one second are spread inside it. */
const appliedTimes = (positions: readonly Position[]): number[] => {
  const applied = PositionBuffer.from(positions);
  spreadSeconds(applied);
  return [...applied.timestampsMs.subarray(0, applied.count)];
};

/** Any seed finds it in the end; the given one does within a few runs. */
const caught = async (property: fc.IAsyncProperty<unknown>, seed: number): Promise<boolean> => {
  const settings = { numRuns: 1500, seed, endOnFailure: true };
  return (await fc.check(property, settings)).failed;
};

describe("finding 11: two logs of one device", () => {
  test("nothing that either brings is lost, or hidden from a reader of any range", async () => {
    await fc.assert(nothingLost(), { numRuns: propertyRuns(300), endOnFailure: true });
  });

  test.each([
    { ...sealedKeyedByTime, seed: 30 },
    { ...readerWithoutOverlap, seed: 6 },
  ])(
    "the property catches $name",
    async ({ of, seed }) => {
      expect(await caught(nothingLost(of), seed)).toBe(true);
    },
    60_000,
  );
});

describe("finding 11: a sealing rule that changes between the segments and the state", () => {
  test("loses, hides and miscounts nothing", async () => {
    await fc.assert(sameTrack(), { numRuns: propertyRuns(300), endOnFailure: true });
  });

  test.each([readerWithoutOverlap, orphansBelieved])(
    "the property catches $name",
    async ({ of }) => {
      expect(await caught(sameTrack(of), 4)).toBe(true);
    },
    60_000,
  );
});
