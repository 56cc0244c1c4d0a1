import {
  EVERY_TENANT,
  limitsInForce,
  type OwnLimits,
  type TenantLimitStore,
} from "../../core/tenant/tenant-limits.ts";

/** A tenants table in memory. */
export const memoryTenantLimitStore = (): TenantLimitStore => {
  const stored = new Map<string, OwnLimits>();
  return {
    async own(owner) {
      return { ...stored.get(owner) };
    },
    async of(tenant) {
      return limitsInForce(stored.get(EVERY_TENANT), stored.get(tenant));
    },
    async put(owner, limits) {
      stored.set(owner, { ...limits });
    },
  };
};
