import { DEFAULT_TENANT, isTenantId, type TenantId } from "../tenant/tenant-id.ts";

/** Whose record it is, and of which device. */
export interface RecordOwner {
  readonly tenant: TenantId;
  /** As the key says it: perhaps not a device id. */
  readonly deviceId: string;
}

// Neither a tenant's id nor a device id holds it.
const SEPARATOR = "/";

/**
 * The partition key of a device's records: of the default tenant the device id, so that whoever knows of no
 * tenants can write to the stream and read it; of any other `<tenant>/<device id>`.
 */
export const partitionKeyOf = (tenant: TenantId, deviceId: string): string =>
  tenant === DEFAULT_TENANT ? deviceId : `${tenant}${SEPARATOR}${deviceId}`;

/**
 * What partitionKeyOf made the key of. A key may be any text: one that begins with no tenant is the default
 * tenant's as it stands, and so is one that names the default tenant, because a device has one key only.
 */
export const ownerOf = (partitionKey: string): RecordOwner => {
  const end = partitionKey.indexOf(SEPARATOR);
  const tenant = partitionKey.slice(0, Math.max(end, 0));
  if (!isTenantId(tenant) || tenant === DEFAULT_TENANT)
    return { tenant: DEFAULT_TENANT, deviceId: partitionKey };
  return { tenant, deviceId: partitionKey.slice(end + 1) };
};
