import { describe, expect, it } from "vitest";
import { VirtualTime } from "../../test/virtual-time.ts";
import { memoryLeaseStore } from "./lease-store.ts";
import { machineOn, startShare, Workers } from "./testing.ts";

const PARTITIONS = ["p0", "p1", "p2", "p3"];

const setUp = () => {
  const time = new VirtualTime(0);
  const store = memoryLeaseStore();
  const workers = new Workers();
  const machine = (owner: string) => machineOn(time, { owner });
  /** How long it takes until a condition holds, looked at every 10 ms. */
  const until = async (isSo: () => boolean): Promise<number> => {
    const startMs = time.now();
    while (!isSo()) {
      if (time.now() - startMs > 60_000) throw new Error("not within a minute");
      await time.sleep(10);
    }
    return time.now() - startMs;
  };
  const isAllHeldBy = (names: readonly string[], ...owners: string[]) =>
    names.every((name) => owners.includes(workers.holdersOf(name)[0] ?? "nobody"));
  return { time, store, workers, machine, until, isAllHeldBy };
};

describe("shareLeases", () => {
  it("gives one process everything at once, and shares with the next", async () => {
    const { time, store, workers, machine, until, isAllHeldBy } = setUp();
    await time.run(
      (async () => {
        const one = startShare(machine("one"), store, workers, PARTITIONS);
        expect(await until(() => isAllHeldBy(PARTITIONS, "one"))).toBeLessThanOrEqual(50);
        const two = startShare(machine("two"), store, workers, PARTITIONS);
        const sharing = await until(
          () => PARTITIONS.filter((name) => workers.holdersOf(name)[0] === "two").length === 2,
        );
        expect(sharing).toBeLessThan(2_100);
        expect(isAllHeldBy(PARTITIONS, "one", "two")).toBe(true);
        await Promise.all([one.close(), two.close()]);
      })(),
    );
  });

  it("takes over what a killed process held within seconds, and not before its lease is over", async () => {
    const { time, store, workers, machine, until, isAllHeldBy } = setUp();
    await time.run(
      (async () => {
        const victim = machine("one");
        startShare(victim, store, workers, PARTITIONS);
        await until(() => isAllHeldBy(PARTITIONS, "one"));
        const two = startShare(machine("two"), store, workers, PARTITIONS);
        await time.sleep(10_000);
        victim.kill();
        const tookMs = await until(() => isAllHeldBy(PARTITIONS, "two"));
        expect(tookMs).toBeGreaterThan(2_500);
        expect(tookMs).toBeLessThan(5_500);
        await two.close();
      })(),
    );
  });

  it("hands over within a second when a process closes, once its work has ended", async () => {
    const { time, store, workers, machine, until, isAllHeldBy } = setUp();
    await time.run(
      (async () => {
        const one = startShare(machine("one"), store, workers, PARTITIONS);
        const two = startShare(machine("two"), store, workers, PARTITIONS);
        await time.sleep(5_000);
        await one.close();
        expect(await until(() => isAllHeldBy(PARTITIONS, "two"))).toBeLessThan(1_100);
        await two.close();
        expect(await store.list("group members")).toEqual([]);
        expect((await store.list("group")).map(({ owner }) => owner)).toEqual(Array(4).fill(undefined));
      })(),
    );
  });

  it("waits for no predecessor when it is certain to be alone", async () => {
    const { time, store, workers, machine, until, isAllHeldBy } = setUp();
    await time.run(
      (async () => {
        const victim = machine("one");
        startShare(victim, store, workers, PARTITIONS);
        await until(() => isAllHeldBy(PARTITIONS, "one"));
        victim.kill();
        const two = startShare(machine("two"), store, workers, PARTITIONS, { isAlone: true });
        expect(await until(() => isAllHeldBy(PARTITIONS, "two"))).toBeLessThanOrEqual(40);
        expect(workers.leaseOf("p0", "two")?.token).toBe(2);
        await two.close();
      })(),
    );
  });

  it.each(["paused", "suspended"] as const)("fences a process that was %s when it goes on", async (kind) => {
    const { time, store, workers, machine, until, isAllHeldBy } = setUp();
    await time.run(
      (async () => {
        const sleeper = machine("one");
        const one = startShare(sleeper, store, workers, ["scheduler"]);
        await until(() => isAllHeldBy(["scheduler"], "one"));
        const old = workers.leaseOf("scheduler", "one");
        const two = startShare(machine("two"), store, workers, ["scheduler"]);
        await time.sleep(3_000);
        expect(isAllHeldBy(["scheduler"], "one")).toBe(true);
        sleeper.pause(kind);
        await until(() => isAllHeldBy(["scheduler"], "two"));
        sleeper.resume();
        // Before any of its timers could run.
        expect(old?.isHeld()).toBe(false);
        expect(old?.lost.aborted).toBe(true);
        expect(workers.leaseOf("scheduler", "two")?.token).toBe((old?.token ?? 0) + 1);
        await time.sleep(5_000);
        expect(workers.holdersOf("scheduler")).toEqual(["two"]);
        await Promise.all([one.close(), two.close()]);
      })(),
    );
  });

  it("acquires anew, under a greater token, what the work gave up as lost", async () => {
    const { time, store, workers, machine, until, isAllHeldBy } = setUp();
    await time.run(
      (async () => {
        const one = startShare(machine("one"), store, workers, ["scheduler"]);
        await until(() => isAllHeldBy(["scheduler"], "one"));
        workers.leaseOf("scheduler", "one")?.lose("a save was refused");
        expect(workers.holdersOf("scheduler")).toEqual([]);
        expect(await until(() => isAllHeldBy(["scheduler"], "one"))).toBeLessThan(100);
        expect(workers.leaseOf("scheduler", "one")?.token).toBe(2);
        await one.close();
      })(),
    );
  });

  it("keeps a lease while some renewals fail, and loses it when none is granted in time", async () => {
    const { time, store, workers, machine, until, isAllHeldBy } = setUp();
    await time.run(
      (async () => {
        let isAway = false;
        let renewals = 0;
        const one = startShare(machine("one"), store, workers, ["scheduler"], {
          faultOf: (operation) =>
            isAway || (operation === "renew" && renewals++ % 3 > 0) ? "lost" : undefined,
        });
        await until(() => isAllHeldBy(["scheduler"], "one"));
        await time.sleep(60_000);
        expect(workers.leaseOf("scheduler", "one")?.token).toBe(1);
        isAway = true;
        expect(await until(() => !isAllHeldBy(["scheduler"], "one"))).toBeLessThanOrEqual(4_010);
        isAway = false;
        await until(() => isAllHeldBy(["scheduler"], "one"));
        await one.close();
      })(),
    );
  });
});
