import { ForbiddenError } from "../errors.ts";
import { DEFAULT_TENANT, type TenantId } from "../tenant/tenant-id.ts";
import { belongsTo, prefixInWords } from "./device-prefix.ts";

/** Who makes a request. */
export interface Caller {
  /** Nothing of another tenant exists for the caller. */
  readonly tenant: TenantId;
  /** None where the service runs open. */
  readonly keyId?: string;
  /** Of a key that expires: what the caller makes for others lasts no longer. */
  readonly keyExpiresAtSeconds?: number;
  /** The caller may use the devices that belong to this prefix (belongsTo); all devices if absent. */
  readonly devicePrefix?: string;
}

/** Whoever calls where no key is asked for. */
export const ANYBODY: Caller = { tenant: DEFAULT_TENANT };

export const mayUseDevices = ({ devicePrefix }: Caller, deviceIds: readonly string[]): boolean =>
  devicePrefix === undefined || deviceIds.every((deviceId) => belongsTo(devicePrefix, deviceId));

/**
 * Throws ForbiddenError unless the caller may use every device. It names no device, as the caller may not
 * know them.
 */
export const checkDevices = (caller: Caller, deviceIds: readonly string[]): void => {
  if (mayUseDevices(caller, deviceIds)) return;
  throw new ForbiddenError(prefixRule(caller));
};

/** What a device prefix means, for people. */
export const prefixRule = ({ devicePrefix = "" }: Caller): string =>
  `the key is for devices whose id ${prefixInWords(devicePrefix)} only`;
