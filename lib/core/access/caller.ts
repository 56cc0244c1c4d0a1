import { ForbiddenError } from "../errors.ts";

/** Whoever makes a request, as far as it was found out. */
export interface Caller {
  /** None where the service runs open. */
  readonly keyId?: string;
  /** The caller is for devices whose id begins so; for all of them without one. */
  readonly devicePrefix?: string;
}

/** Whoever calls where no key is asked for. */
export const ANYBODY: Caller = {};

export const mayUseDevices = ({ devicePrefix }: Caller, deviceIds: readonly string[]): boolean =>
  devicePrefix === undefined || deviceIds.every((deviceId) => deviceId.startsWith(devicePrefix));

/** Raises ForbiddenError unless every device is the caller's. Names none of them: the caller may not have known them. */
export const checkDevices = (caller: Caller, deviceIds: readonly string[]): void => {
  if (mayUseDevices(caller, deviceIds)) return;
  throw new ForbiddenError(prefixRule(caller));
};

/** What a device prefix means, for people. */
export const prefixRule = ({ devicePrefix }: Caller): string =>
  `the key is for devices whose id begins with ${devicePrefix} only`;
