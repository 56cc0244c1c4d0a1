import type { TenantId } from "../../core/tenant/tenant-id.ts";
import { tenantKey } from "../tenant-key.ts";

/*
 * What DynamoDB counts of an item, and takes one write unit for.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */

const WRITE_UNIT_BYTES = 1024;

/**
 * Attribute names count, each byte; so do numbers, half a byte a digit and one more, with up to 16 digits.
 */
const NAMES_BYTES = "deviceId".length + "version".length + "lastHeardMs".length + "state".length;
const NUMBER_BYTES = 1 + 16 / 2;

/** What is left for `state` in an item `{ deviceId, version, lastHeardMs, state }` of one write unit. */
export const deviceStateBytes = (tenant: TenantId, deviceId: string): number =>
  WRITE_UNIT_BYTES - NAMES_BYTES - tenantKey(tenant, deviceId).length - 2 * NUMBER_BYTES;

/**
 * For data and bringers of a late part: with the longest tenant and device id its item stays within one write
 * unit.
 */
export const LATE_PART_BYTES = 700;
