import { describe, expect, it } from "vitest";
import { VersionConflictError } from "../../lib/core/errors.ts";
import type { Recording, RecordingStore } from "../../lib/core/recording/recording.ts";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { expectBadCursorsRefused, expectPagingWorks } from "./paging.ts";
import { keepsTenantsApart, ONE, OTHER } from "./tenants.ts";

const recording = (recordingId: string): Recording => ({
  recordingId,
  name: "Višnjan to Poreč 🚗",
  format: "csv",
  contentHash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  positionCount: 1_316,
  firstTimestampMs: 1_632_000_000_123,
  lastTimestampMs: 1_632_001_400_456,
  medianIntervalMs: 1_000,
  distanceMeters: 12_345.678,
  rejectedRowCount: 0,
  duplicateCount: 3,
  createdAtMs: 1_795_176_000_000,
});

/** What every RecordingStore does. `make` returns an empty one. */
export const recordingStoreContract = (
  name: string,
  makeAll: () => Promise<OfTenant<RecordingStore>>,
): void => {
  const make = async () => (await makeAll())(DEFAULT_TENANT);
  describe(`${name} keeps the contract of RecordingStore`, () => {
    keepsTenantsApart(makeAll, {
      write: (store, mark) => store.put({ ...recording("r1"), positionCount: mark }),
      change: (store, mark) => store.put({ ...recording("r1"), positionCount: mark }),
      read: async (store) => [
        await store.get("r1"),
        await store.epochOf("r1"),
        await store.list({ limit: 10 }),
      ],
    });

    it("buries only its own tenant's recording", async () => {
      const of = await makeAll();
      const [one, other] = [of(ONE), of(OTHER)];
      for (const store of [one, other]) await store.put(recording("r1"));
      const grave = await other.bury("r1");
      if (grave) await other.swept("r1", grave);
      expect(await other.get("r1")).toBeUndefined();
      expect(await one.get("r1")).toEqual(recording("r1"));
      expect(await one.list({ limit: 10 })).toEqual({ items: [recording("r1")] });
      expect(await one.epochOf("r1")).toEqual({ epoch: 0 });
    });

    it("finds nothing that was never put", async () => {
      const store = await make();
      expect(await store.get("nothing")).toBeUndefined();
      expect(await store.list({ limit: 10 })).toEqual({ items: [] });
    });

    it("returns exactly what was put, however often it was put", async () => {
      const store = await make();
      await store.put(recording("r1"));
      await store.put(recording("r1"));
      expect(await store.get("r1")).toEqual(recording("r1"));
      expect((await store.list({ limit: 10 })).items).toEqual([recording("r1")]);
    });

    it("lists every recording once, whatever the page size", async () => {
      const store = await make();
      const ids = Array.from({ length: 9 }, (_, index) => `r-${index * 7}`);
      for (const id of ids) await store.put(recording(id));
      await expectPagingWorks(store.list, ({ recordingId }) => recordingId, ids);
    });

    it("continues a listing whose cursor's own recording has been removed", async () => {
      const store = await make();
      const ids = ["a", "b", "c", "d"];
      for (const id of ids) await store.put(recording(id));
      const first = await store.list({ limit: 2 });
      await remove(store, first.items[1].recordingId);
      const second = await store.list({ limit: 2, cursor: first.cursor });
      const seen = [...first.items, ...second.items].map(({ recordingId }) => recordingId);
      expect(seen.sort()).toEqual(ids);
    });

    it("refuses a cursor that no page returned", async () => {
      const store = await make();
      await store.put(recording("r1"));
      await expectBadCursorsRefused(store.list);
    });

    it("buries a recording once, and keeps its grave until it is swept and after", async () => {
      const store = await make();
      expect(await store.bury("r1")).toBeUndefined();
      expect(await store.epochOf("r1")).toEqual({ epoch: 0 });
      await store.put(recording("r1"));
      await store.put(recording("r2"));
      expect(await store.bury("r1")).toEqual({ epoch: 0, isSwept: false });
      expect(await store.bury("r1")).toEqual({ epoch: 0, isSwept: false });
      expect(await store.get("r1")).toBeUndefined();
      expect((await store.list({ limit: 10 })).items).toEqual([recording("r2")]);
      expect(await store.epochOf("r1")).toEqual({ epoch: 1, grave: { epoch: 0, isSwept: false } });
      await store.swept("r1", { epoch: 0, isSwept: false });
      await store.swept("r1", { epoch: 0, isSwept: false });
      expect(await store.epochOf("r1")).toEqual({ epoch: 1, grave: { epoch: 0, isSwept: true } });
      expect(await store.bury("r1")).toEqual({ epoch: 0, isSwept: true });
    });

    it("refuses a recording from a past epoch, and accepts the next one", async () => {
      const store = await make();
      await store.put(recording("r1"));
      const grave = await store.bury("r1");
      await expect(store.put(recording("r1"))).rejects.toBeInstanceOf(VersionConflictError);
      const next = { ...recording("r1"), epoch: 1 };
      await store.put(next);
      await store.put(next);
      // A deletion that ends only now does not remove the new one.
      if (grave) await store.swept("r1", grave);
      expect(await store.get("r1")).toEqual(next);
      expect((await store.list({ limit: 10 })).items).toEqual([next]);
      expect(await store.epochOf("r1")).toEqual({ epoch: 1 });
      expect(await store.bury("r1")).toEqual({ epoch: 1, isSwept: false });
      await expect(store.put(next)).rejects.toBeInstanceOf(VersionConflictError);
    });
  });
};

const remove = async (store: RecordingStore, recordingId: string): Promise<void> => {
  const grave = await store.bury(recordingId);
  if (grave) await store.swept(recordingId, grave);
};
