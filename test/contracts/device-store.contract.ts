import { describe, expect, it } from "vitest";
import { mapConcurrently } from "../../lib/core/concurrency.ts";
import type { DeviceStore } from "../../lib/core/device/device-store.ts";
import { VersionConflictError } from "../../lib/core/errors.ts";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { deviceState, plain, positionAt } from "./device-states.ts";
import { expectBadCursorsRefused, expectPagingWorks } from "./paging.ts";
import { keepsTenantsApart } from "./tenants.ts";

/**
 * What every DeviceStore does. `makeAll` returns an empty one, which calls `beforePut` when it has listed a
 * device and is about to save it.
 */
export const deviceStoreContract = (
  name: string,
  makeAll: (beforePut?: () => void) => Promise<OfTenant<DeviceStore>>,
): void => {
  const make = async () => (await makeAll())(DEFAULT_TENANT);
  describe(`${name} keeps the contract of DeviceStore`, () => {
    keepsTenantsApart(makeAll, {
      write: (store, mark) => store.save(deviceState("van-7", { lastHeardMs: mark })),
      change: (store, mark) => store.save(deviceState("van-7", { lastHeardMs: mark, version: 1 })),
      remove: (store) => store.remove("van-7"),
      read: async (store) => [
        [...(await store.load(["van-7"])).values()].map(plain),
        (await store.list({ limit: 10 })).items.map(plain),
        (await store.list({ limit: 10, idPrefix: "van-" })).items.map(plain),
      ],
    });

    it("finds no device that was never heard", async () => {
      const store = await make();
      expect(await store.load([])).toEqual(new Map());
      expect(await store.load(["nobody"])).toEqual(new Map());
      expect(await store.list({ limit: 10 })).toEqual({ items: [] });
    });

    it("counts devices up to a number", async () => {
      const store = await make();
      expect(await store.count(5)).toBe(0);
      for (const id of ["a", "b", "c"]) await store.save(deviceState(id));
      await store.save(deviceState("c", { version: 1 }));
      expect([await store.count(2), await store.count(3), await store.count(1_000)]).toEqual([2, 3, 3]);
      expect(await store.count(0)).toBe(0);
      await store.remove("b");
      expect(await store.count(1_000)).toBe(2);
    });

    it("says which devices have a place in the list", async () => {
      const store = await make();
      const many = Array.from({ length: 130 }, (_, index) => `device-${index}`);
      await mapConcurrently(many, 24, (deviceId) => store.save(deviceState(deviceId)));
      const asked = [...many, "nobody", "device-0"];
      expect([...(await store.listed(asked))].sort()).toEqual([...many].sort());
      expect(await store.listed([])).toEqual(new Set());
      await store.remove("device-7");
      expect(await store.listed(["device-7", "device-8"])).toEqual(new Set(["device-8"]));
    });

    it("keeps the place of a device whose first save failed halfway", async () => {
      const fault = { isOn: true };
      const store = (
        await makeAll(() => {
          if (fault.isOn) throw new Error("crash");
        })
      )(DEFAULT_TENANT);
      await expect(store.save(deviceState("a"))).rejects.toThrow("crash");
      expect(await store.load(["a"])).toEqual(new Map());
      expect([await store.count(5), await store.listed(["a", "b"])]).toEqual([1, new Set(["a"])]);
      fault.isOn = false;
      await store.save(deviceState("a"));
      expect([await store.count(5), [...(await store.load(["a"])).keys()]]).toEqual([1, ["a"]]);
    });

    it("returns what was saved, one version later", async () => {
      const store = await make();
      const state = deviceState("van-7");
      await store.save(state);
      const loaded = (await store.load(["van-7"])).get("van-7");
      expect(loaded && plain(loaded)).toEqual(plain({ ...state, version: 1 }));
    });

    it("keeps a device with neither fence nor sealed part, and one with every field", async () => {
      const store = await make();
      const { fence: _, ...bare } = deviceState("bare");
      const full = deviceState("full", {
        sealedUntilMs: 1_795_175_999_000,
        positionCount: 1_000_003,
        latePositionCount: 17,
        sealedDistance: { meters: 123_456 },
        sealedDetections: { standing: { sinceMs: 1_795_175_998_000 } },
        odometerMeters: 123_456,
      });
      await store.save(bare);
      await store.save(full);
      const loaded = await store.load(["bare", "full"]);
      expect([...loaded.values()].map(plain)).toEqual(
        expect.arrayContaining([plain({ ...bare, version: 1 }), plain({ ...full, version: 1 })]),
      );
    });

    it("saves over the version that was read, and over no other", async () => {
      const store = await make();
      const state = deviceState("van-7");
      await store.save(state);
      await store.save({ ...state, version: 1, lastHeardMs: 1_795_176_002_000 });
      for (const version of [0, 1, 3]) {
        await expect(store.save({ ...state, version })).rejects.toBeInstanceOf(VersionConflictError);
      }
      const loaded = (await store.load(["van-7"])).get("van-7");
      expect(loaded).toMatchObject({ version: 2, lastHeardMs: 1_795_176_002_000 });
    });

    it("refuses a version for a device that was never saved", async () => {
      const store = await make();
      await expect(store.save(deviceState("van-7", { version: 1 }))).rejects.toBeInstanceOf(
        VersionConflictError,
      );
      expect(await store.load(["van-7"])).toEqual(new Map());
    });

    it("lets one of many saves over a version win", async () => {
      const store = await make();
      for (const version of [0, 1]) {
        const rivals = Array.from({ length: 10 }, (_, rival) =>
          store.save(deviceState("van-7", { version, lastHeardMs: 1_795_176_000_000 + rival })).then(
            () => rival,
            (error: unknown) => error,
          ),
        );
        const outcomes = await Promise.all(rivals);
        const winners = outcomes.filter((outcome) => typeof outcome === "number");
        expect(winners).toHaveLength(1);
        const losers = outcomes.filter((outcome) => outcome instanceof VersionConflictError);
        expect(losers).toHaveLength(9);
        const loaded = (await store.load(["van-7"])).get("van-7");
        expect(loaded).toMatchObject({
          version: version + 1,
          lastHeardMs: 1_795_176_000_000 + Number(winners[0]),
        });
      }
    });

    it("loads several hundred devices at once, existing or not, repeated or not", async () => {
      const store = await make();
      const known = Array.from({ length: 230 }, (_, index) => `device-${index}`);
      await mapConcurrently(known, 24, (deviceId) => store.save(deviceState(deviceId)));
      const asked = [...known, "unknown-1", "unknown-2", ...known.slice(0, 50)];
      const loaded = await store.load(asked);
      expect([...loaded.keys()].sort()).toEqual([...known].sort());
      for (const [deviceId, state] of loaded) expect(state.deviceId).toBe(deviceId);
    });

    it("lists every device once, whatever the page size", async () => {
      const store = await make();
      const ids = ["a", "b:1", "c@home", "d.d", "e_e", "F-1", "0"];
      for (const deviceId of ids) await store.save(deviceState(deviceId));
      await expectPagingWorks(store.list, ({ deviceId }) => deviceId, ids);
      const page = await store.list({ limit: 1 });
      const [listed] = page.items;
      expect(plain(listed)).toEqual(plain(deviceState(listed.deviceId, { version: 1 })));
    });

    it("lists exactly the devices whose id begins with a prefix", async () => {
      const store = await make();
      const ids = ["van", "van-1", "van-2", "van-30", "Van-1", "a-van-1", "vam-9", "vao"];
      for (const deviceId of ids) await store.save(deviceState(deviceId));
      const list: typeof store.list = (request) => store.list({ ...request, idPrefix: "van-" });
      await expectPagingWorks(list, ({ deviceId }) => deviceId, ["van-1", "van-2", "van-30"]);
      expect(await store.list({ limit: 10, idPrefix: "truck" })).toEqual({ items: [] });
    });

    it("lists what belongs to a prefix, which ends at a separator", async () => {
      const store = await make();
      const own = ["acme", "acme-1", "acme-2", "acme.x", "acme:1", "acme@depot", "acme_1"];
      for (const deviceId of [...own, "acm", "acme1", "acmecorp", "acmE", "b"]) {
        await store.save(deviceState(deviceId));
      }
      const list: typeof store.list = (request) => store.list({ ...request, idPrefix: "acme" });
      await expectPagingWorks(list, ({ deviceId }) => deviceId, own);
    });

    it("refuses a cursor that no page returned", async () => {
      const store = await make();
      await store.save(deviceState("van-7"));
      await expectBadCursorsRefused(store.list);
    });

    it("removes a device any number of times, and lists it again when it is heard again", async () => {
      const store = await make();
      for (const deviceId of ["a", "b", "c"]) await store.save(deviceState(deviceId));
      await store.remove("b");
      await store.remove("b");
      expect([...(await store.load(["a", "b", "c"])).keys()].sort()).toEqual(["a", "c"]);
      expect((await store.list({ limit: 10 })).items.map(({ deviceId }) => deviceId)).toEqual(["a", "c"]);
      await expect(store.save(deviceState("b", { version: 1 }))).rejects.toBeInstanceOf(VersionConflictError);
      await store.save(deviceState("b"));
      expect((await store.list({ limit: 10 })).items.map(({ deviceId }) => deviceId)).toEqual([
        "a",
        "b",
        "c",
      ]);
    });

    it("shares nothing with its callers", async () => {
      const store = await make();
      const state = deviceState("van-7");
      await store.save(state);
      state.tail.push(positionAt(1_795_176_009_000));
      const first = (await store.load(["van-7"])).get("van-7");
      expect(first?.tail.count).toBe(2);
      first?.tail.push(positionAt(1_795_176_009_000));
      const second = (await store.load(["van-7"])).get("van-7");
      expect(second?.tail.count).toBe(2);
    });
  });
};
