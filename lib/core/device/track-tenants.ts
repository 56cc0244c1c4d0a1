import { mapConcurrently } from "../concurrency.ts";
import { ownerOf } from "../stream/partition-key.ts";
import type { OfTenant } from "../tenant/of-tenant.ts";
import { DEFAULT_TENANT, type TenantId } from "../tenant/tenant-id.ts";
import { addOutcomes, NOTHING_DONE } from "./device-outcome.ts";
import {
  type TrackedRecord,
  type TrackingFailure,
  type TrackingOutcome,
  type TrackingPorts,
  trackRecords,
} from "./track-records.ts";

export interface TenantFailure extends TrackingFailure {
  /** Without it the default one. */
  readonly tenant?: TenantId;
}

export interface TenantsOutcome extends TrackingOutcome {
  readonly failures: readonly TenantFailure[];
}

/** Each has a number of devices at once. */
const TENANTS_AT_ONCE = 4;

/**
 * Applies a batch of the positions stream, each record to the tenant and device that its partition key names.
 * To the tenant's stores and in its quarantine a record has the part of the key that is the device's.
 */
export const trackTenants = async (
  portsOf: OfTenant<TrackingPorts>,
  records: readonly TrackedRecord[],
): Promise<TenantsOutcome> => {
  const ofTenants = new Map<TenantId, TrackedRecord[]>();
  for (const record of records) {
    const { tenant, deviceId } = ownerOf(record.partitionKey);
    const own = { ...record, partitionKey: deviceId };
    const known = ofTenants.get(tenant);
    if (known) known.push(own);
    else ofTenants.set(tenant, [own]);
  }
  let done = NOTHING_DONE;
  let deviceCount = 0;
  const failures: TenantFailure[] = [];
  await mapConcurrently([...ofTenants], TENANTS_AT_ONCE, async ([tenant, own]) => {
    const outcome = await trackRecords(portsOf(tenant), own);
    done = addOutcomes(done, outcome);
    deviceCount += outcome.deviceCount;
    const whose = tenant === DEFAULT_TENANT ? {} : { tenant };
    failures.push(...outcome.failures.map((failure) => ({ ...whose, ...failure })));
  });
  return { ...done, deviceCount, failures };
};
