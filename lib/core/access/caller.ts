import { ForbiddenError } from "../errors.ts";
import { DEFAULT_TENANT, type TenantId } from "../tenant/tenant-id.ts";
import { belongsTo, prefixInWords } from "./device-prefix.ts";

/** Whoever makes a request, as far as it was found out. */
export interface Caller {
  /** Nothing of another tenant exists for the caller. */
  readonly tenant: TenantId;
  /** None where the service runs open. */
  readonly keyId?: string;
  /** The caller is for devices that belong to it, by belongsTo; for all of them without one. */
  readonly devicePrefix?: string;
}

/** Whoever calls where no key is asked for. */
export const ANYBODY: Caller = { tenant: DEFAULT_TENANT };

export const mayUseDevices = ({ devicePrefix }: Caller, deviceIds: readonly string[]): boolean =>
  devicePrefix === undefined || deviceIds.every((deviceId) => belongsTo(devicePrefix, deviceId));

/**
 * Throws ForbiddenError unless every device is the caller's. Names none of them: the caller may not have
 * known them.
 */
export const checkDevices = (caller: Caller, deviceIds: readonly string[]): void => {
  if (mayUseDevices(caller, deviceIds)) return;
  throw new ForbiddenError(prefixRule(caller));
};

/** What a device prefix means, for people. */
export const prefixRule = ({ devicePrefix = "" }: Caller): string =>
  `the key is for devices whose id ${prefixInWords(devicePrefix)} only`;
