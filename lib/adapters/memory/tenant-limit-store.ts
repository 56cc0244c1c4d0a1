import { EVERY_TENANT, type TenantLimitStore, type TenantLimits } from "../../core/tenant/tenant-limits.ts";

/** A tenants table in memory. */
export const memoryTenantLimitStore = (): TenantLimitStore => {
  const stored = new Map<string, TenantLimits>();
  return {
    async own(owner) {
      return { ...stored.get(owner) };
    },
    async of(tenant) {
      return { ...stored.get(EVERY_TENANT), ...stored.get(tenant) };
    },
    async put(owner, limits) {
      stored.set(owner, { ...limits });
    },
  };
};
