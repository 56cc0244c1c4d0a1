import { describe, expect, it } from "vitest";
import { ConflictError } from "../../lib/core/errors.ts";
import type { Share, ShareLinks, ShareStore } from "../../lib/core/share/share.ts";
import { DEFAULT_TENANT, parseTenantId, type TenantId } from "../../lib/core/tenant/tenant-id.ts";
import { expectBadCursorsRefused, expectPagingWorks } from "./paging.ts";

const OTHER = parseTenantId("acme");
const NOW_MS = Date.UTC(2026, 10, 21, 12);
const NOW_SECONDS = NOW_MS / 1000;

const share = (shareId: string, overrides: Partial<Share> = {}): Share => ({
  shareId,
  tenant: DEFAULT_TENANT,
  thing: { kind: "device", deviceId: "van-7" },
  name: "Dostava 📦",
  fromMs: NOW_MS,
  toMs: NOW_MS + 3_600_000,
  area: { west: 170.5, south: -10, east: -170, north: 10.25 },
  hidden: [{ latitude: 46.05, longitude: 14.5, radiusMeters: 300 }],
  keyId: "k-1",
  createdAtMs: NOW_MS,
  expiresAtSeconds: NOW_SECONDS + 7_200,
  hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  ...overrides,
});

const bare = (shareId: string): Share => {
  const { name: _, fromMs: __, toMs: ___, area: ____, ...rest } = share(shareId);
  const thing = { kind: "recording", recordingId: "drive", epoch: 2, createdAtMs: NOW_MS - 1 } as const;
  return { ...rest, thing, hidden: [] };
};

/** What every ShareStore does, with the ShareLinks of the same table. `make` returns an empty one. */
export const shareStoreContract = (
  name: string,
  make: () => Promise<{ shares: (tenant: TenantId) => ShareStore; links: ShareLinks }>,
): void => {
  const idsOf = async (store: ShareStore, devicePrefix?: string): Promise<string[]> => {
    const { items } = await store.list({ limit: 100, devicePrefix }, NOW_MS);
    return items.map(({ shareId }) => shareId).sort();
  };

  describe(`${name} keeps the contract of ShareStore`, () => {
    it("finds nothing that was never created", async () => {
      const { shares, links } = await make();
      const store = shares(DEFAULT_TENANT);
      expect(await store.get("nothing", NOW_MS)).toBeUndefined();
      expect(await links.find("nothing")).toBeUndefined();
      expect(await store.remove("nothing")).toBe(false);
      expect(await store.list({ limit: 10 }, NOW_MS)).toEqual({ items: [] });
      expect(await store.removeOfDevice("van-7", 10)).toBe(true);
    });

    it("returns exactly what was created", async () => {
      const { shares, links } = await make();
      const store = shares(DEFAULT_TENANT);
      await store.create(share("full"));
      await store.create(bare("bare"));
      expect(await store.get("full", NOW_MS)).toEqual(share("full"));
      expect(await links.find("full")).toEqual(share("full"));
      expect(await links.find("bare")).toEqual(bare("bare"));
      expect((await store.list({ limit: 10 }, NOW_MS)).items).toEqual(
        expect.arrayContaining([share("full"), bare("bare")]),
      );
    });

    it("never replaces a share, and takes none of another tenant", async () => {
      const { shares } = await make();
      await shares(DEFAULT_TENANT).create(share("s1"));
      await expect(shares(DEFAULT_TENANT).create(bare("s1"))).rejects.toBeInstanceOf(ConflictError);
      await expect(shares(OTHER).create(share("s2"))).rejects.toBeInstanceOf(RangeError);
      expect(await shares(DEFAULT_TENANT).get("s1", NOW_MS)).toEqual(share("s1"));
      expect(await shares(DEFAULT_TENANT).get("s2", NOW_MS)).toBeUndefined();
    });

    it("expires to the millisecond, though its link can still be read", async () => {
      const { shares, links } = await make();
      const store = shares(DEFAULT_TENANT);
      await store.create(share("s1", { expiresAtSeconds: NOW_SECONDS + 1 }));
      expect(await store.get("s1", NOW_MS + 999)).toBeDefined();
      expect(await store.get("s1", NOW_MS + 1_000)).toBeUndefined();
      expect(await idsOf(store)).toEqual(["s1"]);
      expect((await store.list({ limit: 10 }, NOW_MS + 1_000)).items).toEqual([]);
      expect(await links.find("s1")).toBeDefined();
    });

    it("shows a tenant nothing of another's", async () => {
      const { shares, links } = await make();
      await shares(DEFAULT_TENANT).create(share("mine"));
      await shares(OTHER).create(share("theirs", { tenant: OTHER }));
      expect(await idsOf(shares(DEFAULT_TENANT))).toEqual(["mine"]);
      expect(await idsOf(shares(OTHER))).toEqual(["theirs"]);
      expect(await shares(DEFAULT_TENANT).get("theirs", NOW_MS)).toBeUndefined();
      expect(await shares(DEFAULT_TENANT).remove("theirs")).toBe(false);
      expect((await links.find("theirs"))?.tenant).toBe(OTHER);
      expect(await shares(DEFAULT_TENANT).removeOfDevice("van-7", 10)).toBe(true);
      expect(await idsOf(shares(OTHER))).toEqual(["theirs"]);
    });

    it("finds exactly the shares of a device, or of a device prefix", async () => {
      const { shares } = await make();
      const store = shares(DEFAULT_TENANT);
      const of = (deviceId: string) => ({ thing: { kind: "device", deviceId } as const });
      await store.create(share("a", of("van-7")));
      await store.create(share("b", of("van-7")));
      await store.create(share("c", of("van-70")));
      await store.create(share("d", of("bus-1")));
      await store.create(bare("e"));
      expect(await idsOf(store)).toEqual(["a", "b", "c", "d", "e"]);
      expect(await idsOf(store, "van-")).toEqual(["a", "b", "c"]);
      // A prefix ends at a separator.
      expect(await idsOf(store, "van")).toEqual(["a", "b", "c"]);
      expect(await idsOf(store, "van-7")).toEqual(["a", "b"]);
    });

    it("removes the shares of a device, so many at a time, expired ones too, and those of no other", async () => {
      const { shares, links } = await make();
      const store = shares(DEFAULT_TENANT);
      for (const id of ["a", "b"]) await store.create(share(id));
      await store.create(share("old", { expiresAtSeconds: 1 }));
      await store.create(share("c", { thing: { kind: "device", deviceId: "van-70" } }));
      await store.create(bare("d"));
      expect(await store.removeOfDevice("van-7", 2)).toBe(false);
      expect(await store.removeOfDevice("van-7", 2)).toBe(true);
      expect(await idsOf(store)).toEqual(["c", "d"]);
      for (const id of ["a", "b", "old"]) expect(await links.find(id)).toBeUndefined();
      expect(await store.removeOfDevice("van-7", 2)).toBe(true);
    });

    it("removes any number of times, and says whether there was one", async () => {
      const { shares, links } = await make();
      const store = shares(DEFAULT_TENANT);
      await store.create(share("s1"));
      await store.create(share("s2"));
      expect(await store.remove("s1")).toBe(true);
      expect(await store.remove("s1")).toBe(false);
      expect(await links.find("s1")).toBeUndefined();
      expect(await idsOf(store)).toEqual(["s2"]);
    });

    it("lists every share once, whatever the page size", async () => {
      const { shares } = await make();
      const store = shares(DEFAULT_TENANT);
      const ids = Array.from({ length: 7 }, (_, index) => `s-${index * 3}`);
      for (const id of ids) await store.create(share(id));
      const list = (request: Parameters<ShareStore["list"]>[0]) => store.list(request, NOW_MS);
      await expectPagingWorks(list, ({ shareId }) => shareId, ids);
      await expectBadCursorsRefused(list);
    });
  });
};
