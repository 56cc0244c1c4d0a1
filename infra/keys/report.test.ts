import { expect, test } from "vitest";
import type { ApiKey } from "../../lib/core/access/api-key.ts";
import { parseTenantId } from "../../lib/core/tenant/tenant-id.ts";
import { keyJson, keysText } from "./report.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const key: ApiKey = {
  keyId: "0Ab3dE5fG7h",
  name: "phone",
  scopes: ["ingest"],
  devicePrefix: "van-",
  createdAtMs: NOW_MS,
  expiresAtSeconds: NOW_MS / 1000 + 86_400,
  hash: "5ec7e7",
};
const bare: ApiKey = {
  keyId: "1",
  name: "all",
  scopes: ["ingest", "read"],
  createdAtMs: NOW_MS - 60_000,
  hash: "5ec7e7",
};
const old: ApiKey = { ...bare, keyId: "2", name: "old", createdAtMs: 0, expiresAtSeconds: NOW_MS / 1000 };

test("for people: one line each, the oldest first", () => {
  expect(keysText([key, bare, old], NOW_MS)).toBe(
    [
      "ID           NAME   SCOPES       DEVICES  CREATED            EXPIRES",
      "2            old    ingest,read  (all)    1970-01-01 00:00Z  expired",
      "1            all    ingest,read  (all)    2026-11-20 11:59Z  never",
      "0Ab3dE5fG7h  phone  ingest       van-     2026-11-20 12:00Z  2026-11-21 12:00Z",
    ].join("\n"),
  );
});

test("tenants are shown where a key has one", () => {
  const acme = { ...bare, keyId: "3", tenant: parseTenantId("acme") };
  expect(keysText([bare, acme], NOW_MS)).toBe(
    [
      "ID  NAME  SCOPES       TENANT   DEVICES  CREATED            EXPIRES",
      "1   all   ingest,read  default  (all)    2026-11-20 11:59Z  never",
      "3   all   ingest,read  acme     (all)    2026-11-20 11:59Z  never",
    ].join("\n"),
  );
  expect(keyJson(acme)).toMatchObject({ tenant: "acme" });
  expect(keyJson(bare)).not.toHaveProperty("tenant");
});

test("for programs: everything but the hash", () => {
  expect([keyJson(key), keyJson(bare)]).toEqual([
    {
      keyId: "0Ab3dE5fG7h",
      name: "phone",
      scopes: ["ingest"],
      devicePrefix: "van-",
      createdAt: "2026-11-20T12:00:00.000Z",
      expiresAt: "2026-11-21T12:00:00.000Z",
    },
    { keyId: "1", name: "all", scopes: ["ingest", "read"], createdAt: "2026-11-20T11:59:00.000Z" },
  ]);
});
