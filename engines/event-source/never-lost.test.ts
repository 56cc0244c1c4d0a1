import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import { THOROUGH } from "../../test/property-runs.ts";
import { ackedBridges } from "./testing-acked-consumer.ts";
import {
  type Design,
  type Fault,
  type Life,
  PARTITIONS,
  type Scenario,
  type Trouble,
  World,
} from "./testing-world.ts";

/*
 * The event source's main promise over random schedules: whatever the function, the stream, the tables and
 * the processes do, every record ends up succeeded or given up, none is skipped, and each key's records come
 * in order. Several processes share the partitions; they are killed, paused, suspended and closed at any
 * time. A record may come again, never before its turn.
 */

const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc.constantFrom<Fault>(
    "none",
    "throw",
    "partial",
    "nonsense",
    "unreachable",
    "perhaps-ran-before",
    "perhaps-ran-after",
    "throw-late",
    "refuse-destination",
  ),
  { maxLength: 30 },
);
const trigger: fc.Arbitrary<Partial<StreamTrigger>> = fc.record({
  batchSize: fc.integer({ min: 1, max: 20 }),
  maximumBatchingWindowSeconds: fc.constantFrom(0, 1),
  parallelizationFactor: fc.integer({ min: 1, max: 4 }),
  maximumRetryAttempts: fc.integer({ min: 0, max: 3 }),
  bisectBatchOnFunctionError: fc.boolean(),
});
const lives: fc.Arbitrary<Life[]> = fc.array(
  fc.record({
    startsAtMs: fc.integer({ min: 0, max: 3_000 }),
    latencyMs: fc.integer({ min: 1, max: 100 }),
  }),
  { minLength: 1, maxLength: 3 },
);
const trouble: fc.Arbitrary<Trouble> = fc.record({
  process: fc.integer({ min: 0, max: 2 }),
  atMs: fc.integer({ min: 0, max: 6_000 }),
  kind: fc.constantFrom("killed", "paused", "suspended", "closed", "closed-at-once"),
  forMs: fc.integer({ min: 10, max: 8_000 }),
});
const scenario = (
  troubles: fc.Arbitrary<Trouble[]>,
  ofFunction: fc.Arbitrary<Fault[]>,
  hasLeases: fc.Arbitrary<boolean> = fc.constant(true),
): fc.Arbitrary<Scenario> =>
  fc.record({
    keys: fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }), {
      minLength: PARTITIONS.length,
      maxLength: PARTITIONS.length,
    }),
    trigger,
    poison: fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 4 }),
    faults: ofFunction,
    lives,
    troubles,
    isReaderFlaky: fc.boolean(),
    isReaderWaiting: fc.boolean(),
    hasLeases,
    callMs: fc.integer({ min: 0, max: 500 }),
  });

const numRuns = THOROUGH ? 400 : 40;

describe("event source", () => {
  it("loses nothing and keeps every key's order, whatever fails and whoever dies, with leases and without", async () => {
    const any = scenario(fc.array(trouble, { maxLength: 4 }), faults, fc.boolean());
    await fc.assert(
      fc.asyncProperty(any, async (each) => {
        const world = new World(each);
        await world.play();
        expect(world.unsettled()).toEqual([]);
        expect(world.outOfTurn).toEqual([]);
      }),
      { numRuns },
    );
  }, 300_000);

  it("delivers nothing at two processes at once, and nothing twice, while leases are kept", async () => {
    const closing = trouble.map((each): Trouble => ({ ...each, kind: "closed" }));
    const calm = scenario(fc.array(closing, { maxLength: 2 }), fc.constant([]));
    await fc.assert(
      fc.asyncProperty(calm, async (each) => {
        const world = new World(each);
        await world.play();
        expect(world.unsettled()).toEqual([]);
        expect(world.outOfTurn).toEqual([]);
        expect(world.atTwoAtOnce).toEqual([]);
        // What is settled behind an unsettled record of another lane is delivered again by the next process.
        if (each.trigger.parallelizationFactor === 1) expect(world.settledTwice()).toEqual([]);
      }),
      { numRuns },
    );
  }, 300_000);

  it("loses records where a checkpoint passes what is not settled, so that this property would notice", async () => {
    const design: Design = {
      checkpoints: (right, lastRead) => ({
        load: right.load,
        save: (partitionId, checkpoint, token) =>
          right.save(partitionId, { ...checkpoint, sequenceNumber: lastRead.get(partitionId) }, token),
      }),
    };
    const killing = fc.array(
      trouble.map((each): Trouble => ({ ...each, kind: "killed" })),
      { minLength: 2 },
    );
    let lost: readonly number[] = [];
    const property = fc.asyncProperty(scenario(killing, fc.constant([])), async (each) => {
      const world = new World(each, design);
      await world.play();
      lost = world.unsettled();
      return lost.length === 0;
    });
    await fc.check(property, { numRuns: 100, seed: 1, endOnFailure: true });
    expect(lost).not.toEqual([]);
  }, 300_000);

  it("keeps no order where processes share a consumer with acknowledgements, so that this property would notice", async () => {
    const once = fc.constant<Fault[]>(["throw"]);
    let outOfTurn: readonly number[] = [];
    const property = fc.asyncProperty(scenario(fc.constant([]), once), async (each) => {
      // p0 has all that is to be known: a partition is not split in JetStream.
      const world = new World({ ...each, keys: [each.keys[0], [], [], []] }, { start: ackedBridges() });
      await world.play();
      outOfTurn = world.outOfTurn;
      return outOfTurn.length === 0;
    });
    await fc.check(property, { numRuns: 100, seed: 1, endOnFailure: true });
    // A fence drops what is behind something later: it is lost.
    expect(outOfTurn).not.toEqual([]);
  }, 300_000);
});
