import { describe, expect, it } from "vitest";
import type { RequestCounter } from "../../lib/core/tenant/request-meter.ts";
import { DEFAULT_TENANT, parseTenantId } from "../../lib/core/tenant/tenant-id.ts";
import { EVERY_TENANT, type TenantLimitStore } from "../../lib/core/tenant/tenant-limits.ts";

const ACME = parseTenantId("acme");

/** What every TenantLimitStore does. `make` returns an empty one. */
export const tenantLimitStoreContract = (name: string, make: () => Promise<TenantLimitStore>): void => {
  describe(`${name} keeps the contract of TenantLimitStore`, () => {
    it("limits nothing where nothing was set", async () => {
      const store = await make();
      expect(await store.of(ACME)).toEqual({});
      expect(await store.own(EVERY_TENANT)).toEqual({});
    });

    it("gives a tenant its own limits before those of every tenant", async () => {
      const store = await make();
      await store.put(EVERY_TENANT, { devices: 10, requestsPerMinute: 600 });
      await store.put(ACME, { devices: 1_000_000_000_000, storedPositions: 0 });
      expect(await store.of(ACME)).toEqual({
        devices: 1_000_000_000_000,
        requestsPerMinute: 600,
        storedPositions: 0,
      });
      expect(await store.of(DEFAULT_TENANT)).toEqual({ devices: 10, requestsPerMinute: 600 });
      expect(await store.own(ACME)).toEqual({ devices: 1_000_000_000_000, storedPositions: 0 });
    });

    it("keeps nothing of what was set before", async () => {
      const store = await make();
      await store.put(ACME, { devices: 1, replaysAtOnce: 2 });
      await store.put(ACME, { replaysAtOnce: 3 });
      expect(await store.own(ACME)).toEqual({ replaysAtOnce: 3 });
      await store.put(ACME, {});
      expect(await store.of(ACME)).toEqual({});
    });
  });
};

/** What every RequestCounter does. */
export const requestCounterContract = (name: string, make: () => Promise<RequestCounter>): void => {
  describe(`${name} keeps the contract of RequestCounter`, () => {
    it("counts each minute of each tenant by itself, and tells what it is then", async () => {
      const counter = await make();
      expect(await counter.read(ACME, 29_000_000)).toBe(0);
      expect(await counter.add(ACME, 29_000_000, 50)).toBe(50);
      expect(await counter.add(ACME, 29_000_000, 1)).toBe(51);
      expect(await counter.add(ACME, 29_000_001, 7)).toBe(7);
      expect(await counter.add(DEFAULT_TENANT, 29_000_000, 3)).toBe(3);
      expect(await counter.read(ACME, 29_000_000)).toBe(51);
    });

    it("gives each of many at once another part of the minute", async () => {
      const counter = await make();
      const totals = await Promise.all(Array.from({ length: 20 }, () => counter.add(ACME, 1, 5)));
      expect(totals.toSorted((one, other) => one - other)).toEqual(
        Array.from({ length: 20 }, (_, index) => (index + 1) * 5),
      );
    });
  });
};
