import type { Clock } from "../clock.ts";
import { ConflictError } from "../errors.ts";
import { remember } from "../remember.ts";
import type { OfTenant } from "../tenant/of-tenant.ts";
import type { TenantId } from "../tenant/tenant-id.ts";
import { doesNotAnswer, type LimitsOf } from "../tenant/tenant-limits.ts";
import { countStored, type StoredPorts } from "./usage.ts";

export interface StorageRoomPorts {
  readonly limits: LimitsOf;
  readonly stored: OfTenant<StoredPorts>;
  readonly now: Clock;
}

/** Counting reads all devices and recordings of a tenant, so a count is used for so long. */
export const STORED_CACHE_SECONDS = 300;
/** After so long, a table that did not answer is asked again. */
const RETRY_SECONDS = 10;
const MAXIMUM_TENANTS = 1_000;

/** Raises ConflictError when a tenant has no room for so many more positions. */
export type CheckStorage = (tenant: TenantId, adding: number) => Promise<void>;

interface Counted {
  readonly positions: Promise<number>;
  untilMs: number;
}

/**
 * Holds a tenant to its limit of stored positions, where it has one; else it reads nothing. What is stored is
 * counted every five minutes, once for all requests that wait for it, so a tenant can pass the limit by what
 * it sends in that time. Of more than 10,000 devices or recordings the others are not counted. While the
 * tables do not answer, the last count holds; where there is none, nothing counts as stored.
 */
export const storageCheck = ({ limits, stored, now }: StorageRoomPorts): CheckStorage => {
  const counted = new Map<TenantId, Counted>();

  const count = async (tenant: TenantId): Promise<number> =>
    (await countStored(stored(tenant))).storedPositions;

  const positionsOf = (tenant: TenantId): Promise<number> => {
    const known = counted.get(tenant);
    if (known && now() < known.untilMs) return known.positions;
    const positions = count(tenant).catch(async (error: unknown) => {
      if (!doesNotAnswer(error)) {
        if (counted.get(tenant) === fresh) counted.delete(tenant);
        throw error;
      }
      fresh.untilMs = now() + RETRY_SECONDS * 1000;
      return (await known?.positions) ?? 0;
    });
    const fresh: Counted = { positions, untilMs: now() + STORED_CACHE_SECONDS * 1000 };
    remember(counted, tenant, fresh, MAXIMUM_TENANTS);
    return positions;
  };

  return async (tenant, adding) => {
    const { storedPositions: limit } = await limits(tenant);
    if (limit === undefined) return;
    const positions = await positionsOf(tenant);
    if (positions + adding <= limit) return;
    const rule = `is limited to ${limit}, and ${positions} are stored`;
    throw new ConflictError(
      `storedPositions ${rule}: ${adding} more do not fit; delete devices or recordings, or have the limit raised`,
      { problems: [{ field: "storedPositions", value: limit, rule }] },
    );
  };
};
