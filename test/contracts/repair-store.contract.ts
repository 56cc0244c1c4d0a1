import { describe, expect, it } from "vitest";
import { NOTHING_DETECTED } from "../../lib/core/detectors/detectors.ts";
import { VersionConflictError } from "../../lib/core/errors.ts";
import type { Repair, RepairStore } from "../../lib/core/repair/repair.ts";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { keepsTenantsApart } from "./tenants.ts";

const fix = { timestampMs: 1_795_176_000_123, latitude: -1, longitude: 2, accuracy: -0x8000_0000, speed: 5 };
const repair: Repair = {
  deviceId: "car-1",
  version: 0,
  leaseUntilMs: 1_795_176_000_000,
  checkpoints: [
    { untilMs: -1, distance: { meters: 0 }, detections: NOTHING_DETECTED, positionCount: 0 },
    {
      untilMs: 1_795_176_000_000,
      distance: { meters: 12_345.678901234, anchor: fix, standing: true, pending: fix },
      detections: { standing: { sinceMs: 1_795_175_999_000 } },
      positionCount: 9,
    },
  ],
};

/** What every RepairStore does. `make` returns an empty one. */
export const repairStoreContract = (name: string, makeAll: () => Promise<OfTenant<RepairStore>>): void => {
  const make = async () => (await makeAll())(DEFAULT_TENANT);
  describe(`finding 6: ${name} keeps the contract of RepairStore`, () => {
    keepsTenantsApart(makeAll, {
      write: (store, mark) => store.save({ ...repair, leaseUntilMs: mark }),
      change: (store, mark) => store.save({ ...repair, leaseUntilMs: mark, version: 1 }),
      read: (store) => store.get("car-1"),
    });

    it("returns exactly what was saved, one version later", async () => {
      const store = await make();
      expect(await store.get("car-1")).toBeUndefined();
      const saved = await store.save(repair);
      expect(saved).toEqual({ ...repair, version: 1 });
      expect(await store.get("car-1")).toEqual(saved);
      expect(await store.get("car-2")).toBeUndefined();
      const next = await store.save({ ...saved, leaseUntilMs: 0, checkpoints: [] });
      expect(await store.get("car-1")).toEqual(next);
    });

    it("accepts a save only over the version that was read", async () => {
      const store = await make();
      const saved = await store.save(repair);
      for (const version of [0, 2, 7]) {
        await expect(store.save({ ...repair, version })).rejects.toBeInstanceOf(VersionConflictError);
      }
      await expect(store.save({ ...repair, deviceId: "car-2", version: 1 })).rejects.toBeInstanceOf(
        VersionConflictError,
      );
      expect(await store.get("car-1")).toEqual(saved);
    });
  });
};
