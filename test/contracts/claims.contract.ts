import { describe, expect, it } from "vitest";
import type { Claim, Claims } from "../../lib/core/claims/claims.ts";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { keepsTenantsApart } from "./tenants.ts";

const NOW_MS = 1_795_176_000_500;
const NOW_SECONDS = 1_795_176_000;

const claim = (name: string, overrides: Partial<Claim> = {}): Claim => ({
  purpose: "replays",
  claim: name,
  data: { replayId: name, sources: [{ deviceId: "van", copies: 2 }] },
  ...overrides,
});

/** What every Claims does. `make` returns an empty one. */
export const claimsContract = (name: string, makeAll: () => Promise<OfTenant<Claims>>): void => {
  const make = async () => (await makeAll())(DEFAULT_TENANT);
  describe(`${name} keeps the contract of Claims`, () => {
    keepsTenantsApart(makeAll, {
      write: (claims, mark) => claims.putNew(claim("a", { data: mark }), NOW_MS),
      change: (claims, mark) => claims.put(claim("a", { data: mark })),
      remove: (claims) => claims.remove("replays", "a"),
      read: async (claims) => [
        await claims.get("replays", "a", NOW_MS),
        await claims.list("replays", NOW_MS),
        await claims.count("replays", { upTo: 10 }, NOW_MS),
      ],
    });

    it("finds nothing that was never claimed", async () => {
      const claims = await make();
      expect(await claims.get("replays", "a", NOW_MS)).toBeUndefined();
      expect(await claims.list("replays", NOW_MS)).toEqual([]);
      expect(await claims.count("replays", { upTo: 10 }, NOW_MS)).toBe(0);
      await claims.remove("replays", "a");
    });

    it("returns the last put, each purpose separately and in order", async () => {
      const claims = await make();
      for (const id of ["b", "c", "a"]) await claims.put(claim(id));
      await claims.put(claim("a", { data: 5 }));
      await claims.put(claim("a", { purpose: "replays#key" }));
      expect(await claims.get("replays", "a", NOW_MS)).toEqual(claim("a", { data: 5 }));
      expect(await claims.list("replays", NOW_MS)).toEqual([claim("a", { data: 5 }), claim("b"), claim("c")]);
      await claims.remove("replays", "b");
      expect((await claims.list("replays", NOW_MS)).map((one) => one.claim)).toEqual(["a", "c"]);
    });

    it("puts a new claim once, until it expires or is removed", async () => {
      const claims = await make();
      const first = claim("a", { expiresAtSeconds: NOW_SECONDS + 10 });
      expect(await claims.putNew(first, NOW_MS)).toEqual(first);
      expect(await claims.putNew(claim("a", { data: "second" }), NOW_MS)).toEqual(first);
      const third = claim("a", { data: "third" });
      expect(await claims.putNew(third, NOW_MS + 10_000)).toEqual(third);
      expect(await claims.putNew(first, NOW_MS + 1e12)).toEqual(third);
      await claims.remove("replays", "a");
      expect(await claims.putNew(first, NOW_MS)).toEqual(first);
    });

    it("lets one of many concurrent claims win, and tells all of them which one", async () => {
      const claims = await make();
      const rivals = Array.from({ length: 8 }, (_, rival) =>
        claims.putNew(claim("a", { data: rival }), NOW_MS),
      );
      const told = (await Promise.all(rivals)).map(({ data }) => data);
      expect(new Set(told).size).toBe(1);
    });

    it("counts from a claim on, up to a number, without expired ones", async () => {
      const claims = await make();
      for (let index = 10; index < 40; index++) {
        await claims.put(claim(`${index}`, { expiresAtSeconds: NOW_SECONDS + (index < 20 ? 0 : 1) }));
      }
      expect(await claims.count("replays", { upTo: 100 }, NOW_MS)).toBe(20);
      expect(await claims.count("replays", { from: "30", upTo: 100 }, NOW_MS)).toBe(10);
      expect(await claims.count("replays", { upTo: 7 }, NOW_MS)).toBe(7);
      expect(await claims.list("replays", NOW_MS)).toHaveLength(20);
      expect(await claims.get("replays", "10", NOW_MS)).toBeUndefined();
    });
  });
};
