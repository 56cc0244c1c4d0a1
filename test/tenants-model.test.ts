import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryClaims } from "../lib/adapters/memory/claims.ts";
import { memoryDeviceStore } from "../lib/adapters/memory/device-store.ts";
import { memoryPositionStreams } from "../lib/adapters/memory/position-stream.ts";
import { memoryQuarantineStore } from "../lib/adapters/memory/quarantine-store.ts";
import { memoryRecordingStore } from "../lib/adapters/memory/recording-store.ts";
import { memoryRepairStore } from "../lib/adapters/memory/repair-store.ts";
import { memoryReplayStore } from "../lib/adapters/memory/replay-store.ts";
import { memoryShares } from "../lib/adapters/memory/share-store.ts";
import { memoryTaskStore } from "../lib/adapters/memory/task-store.ts";
import { memoryTrackStore } from "../lib/adapters/memory/track-store.ts";
import type { Share } from "../lib/core/share/share.ts";
import { type OfTenant, perTenant } from "../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT, parseTenantId, type TenantId } from "../lib/core/tenant/tenant-id.ts";
import { propertyRuns } from "./property-runs.ts";
import { operations, type TenantsWorld, together } from "./tenants-model.ts";

/*
 * Random work of two tenants with the same ids, on stores that both use: each sees exactly what it would see
 * if it were alone in the world.
 */

const PAIRS: readonly [TenantId, TenantId][] = [
  [parseTenantId("acme"), parseTenantId("acme-2")],
  [DEFAULT_TENANT, parseTenantId("a")],
];

const worldOf = (): TenantsWorld => ({
  devices: perTenant(() => memoryDeviceStore()),
  tracks: perTenant(() => memoryTrackStore()),
  quarantine: perTenant(() => memoryQuarantineStore()),
  recordings: perTenant(() => memoryRecordingStore()),
  replays: perTenant(() => memoryReplayStore()),
  tasks: perTenant(() => memoryTaskStore()),
  claims: perTenant(() => memoryClaims()),
  repairs: perTenant(() => memoryRepairStore()),
  shares: memoryShares().shares,
  streams: memoryPositionStreams(),
});

const holds = (makeWorld: () => TenantsWorld, runs: number) =>
  fc.check(
    fc.asyncProperty(fc.constantFrom(...PAIRS), operations, async (tenants, all) => {
      const { shared, alone } = await together(async () => makeWorld(), tenants, all);
      expect(shared).toEqual(alone);
    }),
    { numRuns: runs, endOnFailure: true, seed: 7 },
  );

test("each tenant sees what it would see alone", async () => {
  const { failed, errorInstance } = await holds(worldOf, propertyRuns(1_000));
  expect(failed, String(errorInstance)).toBe(false);
});

const forgetful = <Store>(of: OfTenant<Store>): OfTenant<Store> => {
  const store = of(DEFAULT_TENANT);
  return () => store;
};
const STORES = [
  "devices",
  "tracks",
  "quarantine",
  "recordings",
  "replays",
  "tasks",
  "claims",
  "repairs",
] as const;

test.each(STORES)("the property catches a store of %s that forgets the tenant", async (name) => {
  const made = () => {
    const world = worldOf();
    return { ...world, [name]: forgetful(world[name] as OfTenant<unknown>) } as TenantsWorld;
  };
  expect((await holds(made, 400)).failed).toBe(true);
});

test("the property catches a store of shares that forgets the tenant", async () => {
  const made = () => {
    const world = worldOf();
    const store = world.shares(DEFAULT_TENANT);
    const shares = () => ({
      ...store,
      create: (share: Share) => store.create({ ...share, tenant: DEFAULT_TENANT }),
    });
    return { ...world, shares };
  };
  expect((await holds(made, 400)).failed).toBe(true);
});

test("the property catches a stream that forgets the tenant", async () => {
  const made = () => {
    const world = worldOf();
    return { ...world, streams: { ...world.streams, of: forgetful(world.streams.of) } };
  };
  expect((await holds(made, 400)).failed).toBe(true);
});
