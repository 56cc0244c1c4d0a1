import { expect, test } from "vitest";
import { memoryTenantLimitStore } from "../../adapters/memory/tenant-limit-store.ts";
import { InvalidInputError, UnavailableError } from "../errors.ts";
import { DEFAULT_TENANT, parseTenantId } from "./tenant-id.ts";
import {
  cachedLimits,
  changeLimits,
  EVERY_TENANT,
  LIMITS_CACHE_SECONDS,
  type TenantLimits,
} from "./tenant-limits.ts";

const ACME = parseTenantId("acme");

test("changes what is named, takes away what is null, and leaves the rest", async () => {
  const store = memoryTenantLimitStore();
  await changeLimits(store, ACME, { devices: 5, storedPositions: 1_000 });
  expect(await changeLimits(store, ACME, { devices: null, replaysAtOnce: 2 })).toEqual({
    storedPositions: 1_000,
    replaysAtOnce: 2,
  });
  await changeLimits(store, EVERY_TENANT, { devices: 7 });
  expect(await store.of(ACME)).toEqual({ devices: 7, storedPositions: 1_000, replaysAtOnce: 2 });
  expect(await store.of(DEFAULT_TENANT)).toEqual({ devices: 7 });
});

test("takes unlimited in place of a number, and null gives the limit of every tenant back", async () => {
  const store = memoryTenantLimitStore();
  await changeLimits(store, EVERY_TENANT, { devices: 7 });
  expect(await changeLimits(store, ACME, { devices: "unlimited" })).toEqual({ devices: "unlimited" });
  expect(await store.of(ACME)).toEqual({});
  expect(await changeLimits(store, ACME, { devices: null })).toEqual({});
  expect(await store.of(ACME)).toEqual({ devices: 7 });
});

test.each([-1, 1.5, Number.NaN, 1e12 + 1])("refuses %d, and changes nothing", async (devices) => {
  const store = memoryTenantLimitStore();
  await expect(changeLimits(store, ACME, { devices })).rejects.toBeInstanceOf(InvalidInputError);
  expect(await store.own(ACME)).toEqual({});
});

test("reads once a minute, and believes what it read while the table does not answer", async () => {
  const clock = { nowMs: 0 };
  let reads = 0;
  let answer = async (): Promise<TenantLimits> => ({ devices: 1 });
  const of = () => {
    reads++;
    return answer();
  };
  const limits = cachedLimits({ of }, () => clock.nowMs);
  expect([await limits(ACME), await limits(ACME), reads]).toEqual([{ devices: 1 }, { devices: 1 }, 1]);

  clock.nowMs += LIMITS_CACHE_SECONDS * 1000;
  answer = () => Promise.reject(new UnavailableError("tenants"));
  expect(await limits(ACME)).toEqual({ devices: 1 });
  // Of whom nothing is known nothing is limited.
  expect(await limits(DEFAULT_TENANT)).toEqual({});

  clock.nowMs += LIMITS_CACHE_SECONDS * 1000;
  answer = () => Promise.reject(new TypeError("a mistake of ours"));
  await expect(limits(ACME)).rejects.toThrow(TypeError);
  answer = async () => ({ devices: 2 });
  expect(await limits(ACME)).toEqual({ devices: 2 });
});
