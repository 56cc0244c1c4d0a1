import { brief } from "../field-problems.ts";
import { DEFAULT_TENANT, isTenantId, TENANT_ID_RULE, type TenantId } from "../tenant/tenant-id.ts";

/**
 * The folder of a bucket or inbox in which each tenant has a folder for its files; the default one needs
 * none.
 */
export const TENANTS_FOLDER = "tenants/";

export interface FileOwner {
  readonly tenant: TenantId;
  /** Why the file belongs to no tenant; it must be left where it is. */
  readonly reason?: string;
}

/**
 * Which tenant owns a file, by its key: `tenants/<tenant>/...` is that tenant's, every other key the default
 * tenant's. A key below `tenants/` that names no valid tenant has no owner: a typing error must not show one
 * tenant's file to another.
 */
export const ownerOfFile = (key: string): FileOwner => {
  if (!key.startsWith(TENANTS_FOLDER) || key === TENANTS_FOLDER) return { tenant: DEFAULT_TENANT };
  const [tenant = "", ...rest] = key.slice(TENANTS_FOLDER.length).split("/");
  if (isTenantId(tenant) && rest.length > 0) return { tenant };
  const rule = `must be ${TENANTS_FOLDER}<tenant>/<file>, where the tenant ${TENANT_ID_RULE}`;
  return { tenant: DEFAULT_TENANT, reason: `key ${rule}, but is ${brief(key)}` };
};
