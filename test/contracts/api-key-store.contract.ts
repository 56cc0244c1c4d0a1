import { describe, expect, it } from "vitest";
import type { ApiKey, ApiKeyStore } from "../../lib/core/access/api-key.ts";
import { ConflictError } from "../../lib/core/errors.ts";
import { allItems } from "../../lib/core/page.ts";
import { expectBadCursorsRefused, expectPagingWorks } from "./paging.ts";

const apiKey = (keyId: string, overrides: Partial<ApiKey> = {}): ApiKey => ({
  keyId,
  name: "Vožnja 7 📱",
  scopes: ["ingest", "read"],
  devicePrefix: "van-7",
  createdAtMs: 1_795_176_000_123,
  expiresAtSeconds: 1_802_952_000,
  hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  ...overrides,
});

/** What every ApiKeyStore does. `make` returns an empty one. */
export const apiKeyStoreContract = (name: string, make: () => Promise<ApiKeyStore>): void => {
  describe(`${name} keeps the contract of ApiKeyStore`, () => {
    it("finds nothing that was never created", async () => {
      const store = await make();
      expect(await store.get("nothing")).toBeUndefined();
      expect(await store.remove("nothing")).toBe(false);
      expect(await store.list({ limit: 10 })).toEqual({ items: [] });
    });

    it("returns exactly what was created, expired or not", async () => {
      const store = await make();
      const { devicePrefix: _, expiresAtSeconds: __, ...bare } = apiKey("bare");
      await store.create(apiKey("full"));
      await store.create(bare);
      await store.create(apiKey("old", { expiresAtSeconds: 1 }));
      expect(await store.get("full")).toEqual(apiKey("full"));
      expect(await store.get("bare")).toEqual(bare);
      expect(await store.get("old")).toEqual(apiKey("old", { expiresAtSeconds: 1 }));
    });

    it("never replaces a key", async () => {
      const store = await make();
      await store.create(apiKey("k1"));
      await expect(store.create(apiKey("k1", { scopes: ["control"] }))).rejects.toBeInstanceOf(ConflictError);
      expect(await store.get("k1")).toEqual(apiKey("k1"));
    });

    it("removes any number of times, and says whether there was one", async () => {
      const store = await make();
      await store.create(apiKey("k1"));
      await store.create(apiKey("k2"));
      expect(await store.remove("k1")).toBe(true);
      expect(await store.remove("k1")).toBe(false);
      expect(await store.get("k1")).toBeUndefined();
      expect((await store.list({ limit: 10 })).items).toEqual([apiKey("k2")]);
    });

    it("lists every key once, whatever the page size", async () => {
      const store = await make();
      const ids = Array.from({ length: 9 }, (_, index) => `k-${index * 7}`);
      for (const id of ids) await store.create(apiKey(id));
      await expectPagingWorks(store.list, ({ keyId }) => keyId, ids);
      await expectBadCursorsRefused(store.list);
    });

    it("can be read to its end, however many pages that takes", async () => {
      const store = await make();
      const ids = Array.from({ length: 101 }, (_, index) => `k-${String(index).padStart(3, "0")}`);
      for (const id of ids) await store.create(apiKey(id));
      const found: string[] = [];
      for await (const { keyId } of allItems(store.list)) found.push(keyId);
      expect(found.toSorted()).toEqual(ids);
    });

    it("shares nothing with its callers", async () => {
      const store = await make();
      const scopes: ApiKey["scopes"][number][] = ["read"];
      await store.create(apiKey("k1", { scopes }));
      scopes.push("control");
      const read = await store.get("k1");
      expect(read?.scopes).toEqual(["read"]);
      Object.assign(read ?? {}, { hash: "" });
      expect((await store.get("k1"))?.hash).toBe(apiKey("k1").hash);
    });
  });
};
