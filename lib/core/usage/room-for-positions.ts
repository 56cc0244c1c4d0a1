import type { Clock } from "../clock.ts";
import { ConflictError } from "../errors.ts";
import type { OfTenant } from "../tenant/of-tenant.ts";
import type { TenantId } from "../tenant/tenant-id.ts";
import type { LimitsOf } from "../tenant/tenant-limits.ts";
import { countStored, type StoredPorts } from "./usage.ts";

export interface StorageRoomPorts {
  readonly limits: LimitsOf;
  readonly stored: OfTenant<StoredPorts>;
  readonly now: Clock;
}

/** Counting reads all devices and recordings of a tenant: what it found holds for so long. */
export const STORED_CACHE_SECONDS = 300;

/** Raises ConflictError when a tenant has no room for so many more positions. */
export type CheckStorage = (tenant: TenantId, adding: number) => Promise<void>;

/**
 * Holds a tenant to its limit of stored positions, where it has one; else it reads nothing. What is stored is counted every five
 * minutes, so that a tenant can pass the limit by what it brings in that time. Of more than 10,000 devices or recordings the others
 * are not counted.
 */
export const storageCheck = ({ limits, stored, now }: StorageRoomPorts): CheckStorage => {
  const counted = new Map<TenantId, { readonly positions: number; readonly atMs: number }>();
  return async (tenant, adding) => {
    const { storedPositions: limit } = await limits(tenant);
    if (limit === undefined) return;
    let known = counted.get(tenant);
    if (!known || now() - known.atMs >= STORED_CACHE_SECONDS * 1000) {
      const { storedPositions: positions } = await countStored(stored(tenant));
      known = { positions, atMs: now() };
      counted.set(tenant, known);
    }
    if (known.positions + adding <= limit) return;
    const rule = `is at most ${limit}, and there are ${known.positions}`;
    throw new ConflictError(
      `storedPositions ${rule}: ${adding} more do not fit; delete devices or recordings, or have the limit raised`,
      { problems: [{ field: "storedPositions", value: limit, rule }] },
    );
  };
};
