import fc from "fast-check";
import { expect, it } from "vitest";
import { THOROUGH } from "../../test/property-runs.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import { memoryLeaseStore } from "./lease-store.ts";
import type { LeaseShare } from "./share-leases.ts";
import { type Machine, machineOn, type StoreFault, startShare, Workers } from "./testing.ts";

/*
 * Machines with clocks of their own come, are paused, suspended, killed and closed, their requests get lost
 * and their wall clocks are set. No two that run ever believe to hold the same; and when the trouble is over,
 * all is held again, in fair shares.
 */

const TROUBLE_MS = 20_000;
const LONGEST_MS = 8_000;
/** For the last take-over, and for the shares to be fair again. */
const QUIET_MS = 12_000;

const trouble = fc.record({
  machine: fc.integer({ min: 0, max: 2 }),
  atMs: fc.integer({ min: 0, max: TROUBLE_MS }),
  kind: fc.constantFrom("paused", "suspended", "killed", "closed", "clock-set", "lost", "unanswered"),
  forMs: fc.integer({ min: 10, max: LONGEST_MS }),
  clockByMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
});
const scenario = fc.record({
  names: fc.integer({ min: 1, max: 4 }),
  machines: fc.array(
    fc.record({
      startsAtMs: fc.integer({ min: 0, max: 8_000 }),
      clockRate: fc.double({ min: 0.97, max: 1.03, noNaN: true }),
      wallClockMs: fc.integer({ min: -1e12, max: 1e12 }),
      latencyMs: fc.integer({ min: 1, max: 300 }),
    }),
    { minLength: 2, maxLength: 3 },
  ),
  troubles: fc.array(trouble, { maxLength: 8 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

const play = async ({ names: count, machines: options, troubles }: Scenario): Promise<void> => {
  const time = new VirtualTime(0);
  const store = memoryLeaseStore();
  const workers = new Workers();
  const names = Array.from({ length: count }, (_, index) => `p${index}`);
  const machines: Machine[] = options.map((each, index) => machineOn(time, { ...each, owner: `m${index}` }));
  const shares = new Map<Machine, LeaseShare>();
  const gone = new Set<Machine>();
  const faults = new Map<Machine, StoreFault>();

  const start = async (index: number): Promise<void> => {
    const machine = machines[index];
    await time.sleep(options[index].startsAtMs);
    const faultOf = () => faults.get(machine);
    shares.set(machine, startShare(machine, store, workers, names, { faultOf }));
  };
  const happen = async ({ machine: index, atMs, kind, forMs, clockByMs }: Scenario["troubles"][number]) => {
    const machine = machines[index % machines.length];
    await time.sleep(atMs);
    const share = shares.get(machine);
    if (!share || gone.has(machine) || !machine.isRunning) return;
    if (kind === "clock-set") machine.setWallClock(clockByMs);
    else if (kind === "killed") {
      gone.add(machine);
      machine.kill();
    } else if (kind === "closed") {
      gone.add(machine);
      await share.close();
    } else if (kind === "lost" || kind === "unanswered") {
      faults.set(machine, kind);
      await time.sleep(forMs);
      faults.delete(machine);
    } else {
      machine.pause(kind);
      await time.sleep(forMs);
      machine.resume();
    }
  };
  const watch = async (): Promise<void> => {
    while (time.now() < TROUBLE_MS + LONGEST_MS + QUIET_MS) {
      for (const name of names) expect(workers.holdersOf(name).length).toBeLessThanOrEqual(1);
      await time.sleep(100);
    }
  };

  await time.run(
    (async () => {
      await Promise.all([...machines.map((_, index) => start(index)), ...troubles.map(happen), watch()]);
      const alive = machines.filter((machine) => !gone.has(machine));
      const held = alive.map(
        ({ owner }) => names.filter((name) => workers.holdersOf(name)[0] === owner).length,
      );
      if (alive.length > 0) {
        expect(held.reduce((sum, each) => sum + each)).toBe(names.length);
        expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
      }
      await Promise.all(alive.map((machine) => shares.get(machine)?.close()));
    })(),
  );
};

it("no two machines ever hold the same, and all is shared fairly when the trouble is over", async () => {
  await fc.assert(fc.asyncProperty(scenario, play), { numRuns: THOROUGH ? 200 : 25 });
}, 300_000);
