import { describe, expect, it } from "vitest";
import type { QuarantinedRecord, QuarantineStore } from "../../lib/core/quarantine/quarantine.ts";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { expectBadCursorsRefused, expectPagingWorks } from "./paging.ts";
import { keepsTenantsApart } from "./tenants.ts";

const bytes = (count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, index) => (index * 31 + (index >> 8)) % 256);

const ARRIVED_MS = 1_795_176_000_123;

const record = (recordId: string, data: Uint8Array = bytes(100)): QuarantinedRecord => ({
  recordId,
  stream: "arn:aws:kinesis:eu-west-1:123456789012:stream/positions",
  partitionKey: "van-7",
  arrivedAtMs: ARRIVED_MS,
  reason: "not JSON and not an encoded segment",
  problems: [
    { field: "latitude", value: 91, rule: "must be between -90 and 90", index: 3 },
    { field: "timestamp", rule: "is required" },
  ],
  data,
});

const withPlainBytes = (found: QuarantinedRecord | undefined) =>
  found && { ...found, data: new Uint8Array(found.data) };

const byId = (one: { recordId: string }, other: { recordId: string }): number =>
  one.recordId < other.recordId ? -1 : 1;

/** What every QuarantineStore does. `make` returns an empty one. */
export const quarantineStoreContract = (
  name: string,
  makeForAll: (options?: {
    readonly keptDays?: number;
    readonly now: () => number;
  }) => Promise<OfTenant<QuarantineStore>>,
): void => {
  const makeAll = () => makeForAll({ now: () => ARRIVED_MS });
  const makeWith = async (options?: { readonly keptDays?: number; readonly now: () => number }) =>
    (await makeForAll(options))(DEFAULT_TENANT);
  const make = () => makeWith({ now: () => ARRIVED_MS });
  describe(`${name} keeps the contract of QuarantineStore`, () => {
    keepsTenantsApart(makeAll, {
      write: async (store, mark) => {
        await store.put({ ...record("shard-0:1"), reason: `reason ${mark}` });
        await store.put(record("shard-0:2", bytes(800_000 + mark)));
      },
      remove: async (store) => {
        for (const id of ["shard-0:1", "shard-0:2"]) await store.remove(id);
      },
      read: async (store) => [
        withPlainBytes(await store.get("shard-0:1")),
        (await store.get("shard-0:2"))?.data.length,
        (await store.list({ limit: 10 })).items.toSorted(byId),
        (await store.list({ limit: 10, deviceId: "van-7" })).items.toSorted(byId),
      ],
    });

    it("finds nothing that was never put", async () => {
      const store = await make();
      expect(await store.get("nothing")).toBeUndefined();
      expect(await store.list({ limit: 10 })).toEqual({ items: [] });
    });

    it("returns a whole record, however small or large", async () => {
      const store = await make();
      const sizes = [0, 1, 350 * 1024 - 200, 350 * 1024, 350 * 1024 + 1, 700 * 1024, 1024 * 1024, 1_500_000];
      for (const size of sizes) {
        const put = record(`shard-0:${size}`, bytes(size));
        await store.put(put);
        const found = await store.get(put.recordId);
        expect(found && Buffer.compare(found.data, put.data), `${size} bytes`).toBe(0);
        expect({ ...found, data: null }).toEqual({ ...put, data: null });
      }
    });

    it("keeps the first when the same record is put again", async () => {
      const store = await make();
      for (const size of [10, 800_000]) {
        const first = record(`shard-0:${size}`, bytes(size));
        await store.put(first);
        await store.put({ ...first, reason: "another", data: bytes(size).fill(1) });
        await store.put({ ...first, reason: "another", data: bytes(900_000) });
        expect(withPlainBytes(await store.get(first.recordId))).toEqual(first);
      }
    });

    it("lists every record once without its data, whatever the page size", async () => {
      const store = await make();
      const sizes = [5, 400_000, 7, 1024 * 1024, 9];
      const ids = sizes.map((size) => `shard-0:${size}`);
      for (const size of sizes) await store.put(record(`shard-0:${size}`, bytes(size)));
      await expectPagingWorks(store.list, ({ recordId }) => recordId, ids);
      const { items } = await store.list({ limit: 10 });
      for (const item of items) {
        const size = Number(item.recordId.split(":")[1]);
        const { data: _, ...description } = record(item.recordId);
        expect(item).toEqual({ ...description, dataBytes: size });
      }
    });

    it("lists one device's records, and removes them, large ones too", async () => {
      const store = await make();
      await store.put(record("shard-0:1"));
      await store.put(record("shard-0:2", bytes(800_000)));
      for (const partitionKey of ["van-77", "van", "no device id! ".repeat(15)]) {
        await store.put({ ...record(`shard-1:${partitionKey.length}`), partitionKey });
      }
      const ofDevice: typeof store.list = (request) => store.list({ ...request, deviceId: "van-7" });
      await expectPagingWorks(ofDevice, ({ recordId }) => recordId, ["shard-0:1", "shard-0:2"]);
      for (const recordId of ["shard-0:1", "shard-0:2", "shard-0:2"]) await store.remove(recordId);
      expect((await ofDevice({ limit: 10 })).items).toEqual([]);
      expect(await store.get("shard-0:2")).toBeUndefined();
      expect((await store.list({ limit: 10 })).items).toHaveLength(3);
    });

    it("finding 16: drops a record after its retention", async () => {
      let nowMs = ARRIVED_MS;
      const store = await makeWith({ keptDays: 3, now: () => nowMs });
      await store.put(record("shard-0:1"));
      nowMs += 3 * 86_400_000;
      expect(await store.get("shard-0:1")).toBeDefined();
      nowMs += 1000;
      expect(await store.get("shard-0:1")).toBeUndefined();
      expect(await store.list({ limit: 10 })).toEqual({ items: [] });
    });

    it("refuses a cursor that no page returned", async () => {
      const store = await make();
      await store.put(record("shard-0:1"));
      await expectBadCursorsRefused(store.list);
    });

    it("keeps the data of a record with more problems than can be kept", async () => {
      const store = await make();
      const problems = Array.from({ length: 20_000 }, (_, index) => ({
        field: "latitude",
        value: 91,
        rule: "must be between -90 and 90",
        index,
      }));
      const put = { ...record("shard-0:1", bytes(200_000)), problems };
      await store.put(put);
      const found = await store.get(put.recordId);
      expect(found && Buffer.compare(found.data, put.data)).toBe(0);
      expect(found?.problems.length).toBeGreaterThan(1_000);
      expect(found?.problems).toEqual(problems.slice(0, found?.problems.length));
    });

    it("shares nothing with its callers", async () => {
      const store = await make();
      const put = record("shard-0:1");
      await store.put(put);
      put.data.fill(0);
      (await store.get("shard-0:1"))?.data.fill(0);
      expect(withPlainBytes(await store.get("shard-0:1"))).toEqual(record("shard-0:1"));
    });
  });
};
