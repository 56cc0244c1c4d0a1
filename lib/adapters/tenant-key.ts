import type { TenantId } from "../core/tenant/tenant-id.ts";

// No tenant's id holds it: the first one ends the tenant, whatever follows.
const SEPARATOR = "/";

/** The key by which a table knows what a tenant calls by this id. The one place where these keys are made. */
export const tenantKey = (tenant: TenantId, id: string): string => `${tenant}${SEPARATOR}${id}`;

/**
 * What tenantKey made the key of. Throws RangeError for a key of another tenant: a store gives out nothing of
 * others.
 */
export const idInKey = (tenant: TenantId, key: string): string => {
  const beginning = tenantKey(tenant, "");
  if (!key.startsWith(beginning)) throw new RangeError(`a key of another tenant was read for ${tenant}`);
  return key.slice(beginning.length);
};
