import { describe, expect, it } from "vitest";
import type { LeaseRecord, LeaseStore, LeaseWish } from "../../engines/lease/lease-store.ts";

const wish = (overrides: Partial<LeaseWish> = {}): LeaseWish => ({
  group: "track-devices",
  name: "a",
  owner: "one",
  leaseMilliseconds: 4_000,
  ...overrides,
});

/** What every LeaseStore does. `make` returns an empty one. */
export const leaseStoreContract = (name: string, make: () => Promise<LeaseStore>): void => {
  const takeFirst = async (store: LeaseStore): Promise<LeaseRecord> => {
    const lease = await store.acquire(wish());
    if (!lease) throw new Error("the lease is free, but was refused");
    return lease;
  };
  const only = async (store: LeaseStore): Promise<LeaseRecord | undefined> =>
    (await store.list("track-devices"))[0];

  describe(`${name} keeps the contract of LeaseStore`, () => {
    it("lists the leases of one group, by name", async () => {
      const store = await make();
      expect(await store.list("track-devices")).toEqual([]);
      for (const each of ["b", "c", "a"]) await store.acquire(wish({ name: each }));
      await store.acquire(wish({ group: "track", name: "d" }));
      expect((await store.list("track-devices")).map((lease) => lease.name)).toEqual(["a", "b", "c"]);
      expect(await store.list("track-devices members")).toEqual([]);
    });

    it("gives an unknown lease to one of many", async () => {
      const store = await make();
      const owners = ["one", "two", "three", "four"];
      const leases = await Promise.all(owners.map((owner) => store.acquire(wish({ owner }))));
      const [winner, ...others] = leases.filter((lease) => lease !== undefined);
      expect(others).toEqual([]);
      expect(await store.list("track-devices")).toEqual([winner]);
      expect(winner).toMatchObject({ token: 1, beat: 1, leaseMilliseconds: 4_000 });
    });

    it("gives a lease that was seen to one of many, with a greater token", async () => {
      const store = await make();
      const seen = await takeFirst(store);
      const owners = ["two", "three", "four"];
      const leases = await Promise.all(owners.map((owner) => store.acquire(wish({ owner, seen }))));
      const [winner, ...others] = leases.filter((lease) => lease !== undefined);
      expect(others).toEqual([]);
      expect(winner?.token).toBe(2);
      expect(await only(store)).toEqual(winner);
    });

    it("refuses an owner that saw an older beat, or nothing", async () => {
      const store = await make();
      const seen = await takeFirst(store);
      expect(await store.renew(seen)).toBe(true);
      expect(await store.acquire(wish({ owner: "two", seen }))).toBeUndefined();
      expect(await store.acquire(wish({ owner: "two" }))).toBeUndefined();
      const now = await only(store);
      expect(now).toEqual({ ...seen, beat: 2 });
      expect(await store.acquire(wish({ owner: "two", seen: now }))).toMatchObject({
        owner: "two",
        token: 2,
      });
    });

    it("renews any number of times for the owner, and for nobody else", async () => {
      const store = await make();
      const first = await takeFirst(store);
      for (let time = 0; time < 3; time++) expect(await store.renew(first)).toBe(true);
      expect(await store.renew({ ...first, owner: "two" })).toBe(false);
      expect(await store.renew({ ...first, token: 7 })).toBe(false);
      expect(await store.renew({ ...first, name: "b" })).toBe(false);
      expect(await only(store)).toEqual({ ...first, beat: 4 });
      const second = await store.acquire(wish({ owner: "two", seen: await only(store) }));
      expect(await store.renew(first)).toBe(false);
      expect(await only(store)).toEqual(second);
    });

    it("frees a lease only for its owner, and keeps its token for the next", async () => {
      const store = await make();
      const first = await takeFirst(store);
      await store.release({ ...first, owner: "two" });
      expect(await only(store)).toEqual(first);
      await store.release(first);
      const free = await only(store);
      expect(free).toEqual({
        group: "track-devices",
        name: "a",
        token: 1,
        beat: 2,
        leaseMilliseconds: 4_000,
      });
      expect(await store.renew(first)).toBe(false);
      await store.release(first);
      expect(await only(store)).toEqual(free);
      // An owner that saw it held is refused: it has been freed since.
      expect(await store.acquire(wish({ owner: "two", seen: first }))).toBeUndefined();
      expect(await store.acquire(wish({ owner: "two", seen: free }))).toMatchObject({ token: 2 });
    });

    it("removes a lease that is still as it was seen", async () => {
      const store = await make();
      const seen = await takeFirst(store);
      await store.renew(seen);
      await store.remove(seen);
      const now = await only(store);
      expect(now).toEqual({ ...seen, beat: 2 });
      if (now) await store.remove(now);
      expect(await only(store)).toBeUndefined();
      await store.remove(seen);
      expect(await store.renew(seen)).toBe(false);
    });
  });
};
