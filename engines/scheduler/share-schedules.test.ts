import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { THOROUGH } from "../../test/property-runs.ts";
import { type SimulatedProcess, simulatedProcess } from "../../test/simulated-process.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { memoryLeaseStore } from "../lease/lease-store.ts";
import { memoryScheduleStore } from "./memory-schedule-store.ts";
import { type Scheduling, startScheduling } from "./scheduler.ts";

/*
 * Several processes share a schedule that runs every minute. They are paused, killed and closed in the middle
 * of anything. No two that run ever deliver at once; every run is delivered, and without trouble once.
 */

const START_MS = Date.parse("2026-11-20T12:00:30Z");
const MINUTES = 3;
const END_MS = START_MS + MINUTES * 60_000;

const scenario = fc.record({
  processes: fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 2, maxLength: 3 }),
  troubles: fc.array(
    fc.record({
      process: fc.nat(2),
      atMs: fc.oneof(
        fc.integer({ min: 0, max: END_MS - START_MS - 20_000 }),
        // Around a run.
        fc
          .tuple(fc.integer({ min: 1, max: MINUTES - 1 }), fc.integer({ min: -6_000, max: 6_000 }))
          .map(([minute, byMs]) => minute * 60_000 - 30_000 + byMs),
      ),
      kind: fc.constantFrom("paused", "killed", "closed"),
      forMs: fc.integer({ min: 10, max: 12_000 }),
    }),
    { maxLength: 6 },
  ),
  latencyMs: fc.integer({ min: 0, max: 200 }),
  durationMs: fc.integer({ min: 1, max: 5_000 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

const runsBetween = (fromMs: number, toMs: number): string[] => {
  const runs: string[] = [];
  for (let ms = Math.ceil(fromMs / 60_000) * 60_000; ms <= toMs; ms += 60_000) {
    runs.push(new Date(ms).toISOString().replace(".000", ""));
  }
  return runs;
};

const SETTINGS = {
  ScheduleExpression: "cron(* * * * ? *)",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: {
    Arn: "arn:aws:lambda:us-east-1:000000000000:function:f",
    RoleArn: "arn:aws:iam::000000000000:role/local",
    Input: JSON.stringify({ time: "<aws.scheduler.scheduled-time>" }),
  },
};

/** `hasLease` false: each process believes itself alone, which the watching must find. */
const play = async (
  { processes, troubles, latencyMs, durationMs }: Scenario,
  hasLease = true,
): Promise<{ readonly delivered: string[]; readonly faults: string[] }> => {
  const time = new VirtualTime(START_MS);
  const store = memoryScheduleStore();
  const leases = memoryLeaseStore();
  const delivered: string[] = [];
  const faults: string[] = [];
  const calls = new Set<{ process: SimulatedProcess; signal: AbortSignal | undefined }>();
  let opened = 0;

  const check = (): void => {
    const atWork = [...calls].filter(({ process, signal }) => process.isRunning && !signal?.aborted);
    const names = new Set(atWork.map(({ process }) => process.name));
    if (names.size > 1) faults.push(`${[...names].join(" and ")} both deliver`);
  };
  const invokeFrom =
    (process: SimulatedProcess): Invoke =>
    async (_, event, signal) => {
      const call = { process, signal };
      calls.add(call);
      delivered.push((event as { time: string }).time);
      check();
      try {
        await process.sleep(durationMs, signal);
        return {};
      } finally {
        calls.delete(call);
      }
    };
  const open = (): { process: SimulatedProcess; scheduling: Scheduling } => {
    const process = simulatedProcess(time, `process-${++opened}`, () => latencyMs);
    const ownLeases = hasLease ? leases : memoryLeaseStore();
    const scheduling = startScheduling({
      region: "us-east-1",
      account: "000000000000",
      groups: ["replays"],
      store: process.reach(store),
      sharing: { store: process.reach(ownLeases), owner: process.name, clocks: process.clocks },
      invoke: invokeFrom(process),
      clock: time.now,
      sleep: process.sleep,
    });
    return { process, scheduling };
  };

  const slots: (ReturnType<typeof open> | undefined)[] = processes.map(() => undefined);
  const opening = async (index: number): Promise<void> => {
    await time.sleep(processes[index]);
    slots[index] = open();
    if (index === 0) await slots[index]?.scheduling.schedules.create("replays", "minutely", SETTINGS);
  };
  const happen = async ({ process: index, atMs, kind, forMs }: Scenario["troubles"][number]) => {
    // The schedule is there first.
    await time.sleep(Math.max(atMs, 7_000));
    const slot = index % slots.length;
    const one = slots[slot];
    if (!one?.process.isRunning) return;
    if (kind === "paused") {
      one.process.pause();
      await time.sleep(forMs);
      one.process.resume();
      await time.sleep(0);
      check();
      return;
    }
    slots[slot] = undefined;
    if (kind === "killed") one.process.kill();
    else void one.scheduling.close();
    await time.sleep(forMs);
    slots[slot] = open();
  };
  const all = async (): Promise<void> => {
    await Promise.all([...processes.map((_, index) => opening(index)), ...troubles.map(happen)]);
    await time.sleep(END_MS - time.now());
    for (const one of slots) if (one?.process.isRunning) await one.scheduling.close();
  };
  await time.run(all());
  return { delivered, faults };
};

describe("several processes share schedules", () => {
  it("delivers every run, in one process at a time, whatever is paused or killed; without trouble once", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { delivered, faults } = await play(given);
        const runs = runsBetween(START_MS, END_MS - 1);
        expect(faults).toEqual([]);
        expect([...new Set(delivered)].sort()).toEqual(runs);
        if (given.troubles.length === 0) expect(delivered).toEqual(runs);
      }),
      { numRuns: THOROUGH ? 1_000 : 15 },
    );
  }, 120_000);

  it("would notice processes without a lease", async () => {
    const calm = { processes: [0, 0], troubles: [], latencyMs: 5, durationMs: 1_000 };
    expect((await play(calm)).faults).toEqual([]);
    const { delivered, faults } = await play(calm, false);
    expect(faults).toContainEqual(expect.stringContaining("both deliver"));
    expect(delivered.length).toBeGreaterThan(MINUTES);
  });
});
