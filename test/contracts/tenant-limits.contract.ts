import { describe, expect, it } from "vitest";
import type { RequestCounter } from "../../lib/core/tenant/request-meter.ts";
import { DEFAULT_TENANT, parseTenantId } from "../../lib/core/tenant/tenant-id.ts";
import { EVERY_TENANT, type TenantLimitStore } from "../../lib/core/tenant/tenant-limits.ts";

const ACME = parseTenantId("acme");

/** What every TenantLimitStore does. `make` returns an empty one. */
export const tenantLimitStoreContract = (name: string, make: () => Promise<TenantLimitStore>): void => {
  describe(`${name} keeps the contract of TenantLimitStore`, () => {
    it("limits nothing by default", async () => {
      const store = await make();
      expect(await store.of(ACME)).toEqual({});
      expect(await store.own(EVERY_TENANT)).toEqual({});
    });

    it("prefers a tenant's own limits to those of every tenant", async () => {
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

    it("exempts a tenant from a limit of every tenant", async () => {
      const store = await make();
      await store.put(EVERY_TENANT, { devices: 10, requestsPerMinute: 600 });
      await store.put(ACME, { devices: "unlimited" });
      expect(await store.of(ACME)).toEqual({ requestsPerMinute: 600 });
      expect(await store.own(ACME)).toEqual({ devices: "unlimited" });
    });

    it("replaces earlier limits completely", async () => {
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
    it("counts each tenant's minutes separately, and returns the new count", async () => {
      const counter = await make();
      expect(await counter.read(ACME, 29_000_000)).toBe(0);
      expect(await counter.add(ACME, 29_000_000, 50)).toBe(50);
      expect(await counter.add(ACME, 29_000_000, 1)).toBe(51);
      expect(await counter.add(ACME, 29_000_001, 7)).toBe(7);
      expect(await counter.add(DEFAULT_TENANT, 29_000_000, 3)).toBe(3);
      expect(await counter.read(ACME, 29_000_000)).toBe(51);
    });

    it("gives each of many concurrent requests a different part of the minute", async () => {
      const counter = await make();
      const totals = await Promise.all(Array.from({ length: 20 }, () => counter.add(ACME, 1, 5)));
      expect(totals.toSorted((one, other) => one - other)).toEqual(
        Array.from({ length: 20 }, (_, index) => (index + 1) * 5),
      );
    });
  });
};
