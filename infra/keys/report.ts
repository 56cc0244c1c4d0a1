import { type ApiKey, isExpired } from "../../lib/core/access/api-key.ts";
import { DEFAULT_TENANT, type TenantId } from "../../lib/core/tenant/tenant-id.ts";

/** A key as `--json` prints it: everything that is stored about it except the hash. */
export const keyJson = ({
  keyId,
  name,
  scopes,
  tenant,
  devicePrefix,
  createdAtMs,
  expiresAtSeconds,
}: ApiKey) => ({
  keyId,
  name,
  scopes,
  ...(tenant !== undefined && { tenant }),
  ...(devicePrefix !== undefined && { devicePrefix }),
  createdAt: new Date(createdAtMs).toISOString(),
  ...(expiresAtSeconds !== undefined && { expiresAt: new Date(expiresAtSeconds * 1000).toISOString() }),
});

/** Whose everything a key opens. */
export const tenantOf = ({ tenant = DEFAULT_TENANT }: ApiKey): TenantId => tenant;

/** A table for people, one line each, the oldest key first; it speaks of tenants where a key has one. */
export const keysText = (keys: readonly ApiKey[], nowMs: number): string => {
  const hasTenants = keys.some(({ tenant }) => tenant !== undefined);
  const inTenants = (cell: string): string[] => (hasTenants ? [cell] : []);
  const rows = keys
    .toSorted((one, other) => one.createdAtMs - other.createdAtMs)
    .map((key) => [
      key.keyId,
      key.name,
      key.scopes.join(","),
      ...inTenants(tenantOf(key)),
      key.devicePrefix ?? "(all)",
      minuteOf(key.createdAtMs),
      expiryOf(key, nowMs),
    ]);
  const table = [["ID", "NAME", "SCOPES", ...inTenants("TENANT"), "DEVICES", "CREATED", "EXPIRES"], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const minuteOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")}Z`;

const expiryOf = (key: ApiKey, nowMs: number): string => {
  if (key.expiresAtSeconds === undefined) return "never";
  return isExpired(key, nowMs) ? "expired" : minuteOf(key.expiresAtSeconds * 1000);
};
