import type { Clock } from "../clock.ts";
import type { DeviceStore } from "../device/device-store.ts";
import { ConflictError } from "../errors.ts";
import type { OfTenant } from "../tenant/of-tenant.ts";
import type { TenantId } from "../tenant/tenant-id.ts";
import type { LimitsOf } from "../tenant/tenant-limits.ts";

export interface RoomPorts {
  readonly limits: LimitsOf;
  readonly devices: OfTenant<Pick<DeviceStore, "load" | "count">>;
  readonly now: Clock;
}

/** What devices break that are too many, as a rule for people. */
export const deviceRule = (limit: number): string =>
  `is a new device, and there are already ${limit}, which is the limit: delete one, or have the limit raised`;

/**
 * Why a tenant can't have one more device; undefined when it can. Asked when a device begins. It counts, and the device is stored
 * after that: devices that begin at the very same time can be more than the limit, by as many as begin at once.
 */
export const whyNoDevice =
  ({ limits, devices }: Pick<RoomPorts, "limits" | "devices">): OfTenant<() => Promise<string | undefined>> =>
  (tenant) =>
  async () => {
    const { devices: limit } = await limits(tenant);
    if (limit === undefined) return undefined;
    const count = await devices(tenant).count(limit);
    return count < limit ? undefined : `it ${deviceRule(limit)}`;
  };

/** New devices of a tenant that has as many as it may have. */
export interface DevicesWithoutRoom {
  readonly deviceIds: ReadonlySet<string>;
  /** The rule that they break. */
  readonly rule: string;
}

/** A full tenant is counted again after so long at the latest. */
const FULL_MS = 10_000;
const MOST_KNOWN = 20_000;

/**
 * Which of some devices are new ones that a tenant has no room for. Without a limit it reads nothing. Devices that exist are
 * remembered, and that there is no room for a few seconds.
 */
export const devicesWithoutRoom = ({ limits, devices, now }: RoomPorts) => {
  const known = new Set<string>();
  const fullUntilMs = new Map<TenantId, number>();

  const newOnes = async (tenant: TenantId, deviceIds: readonly string[]): Promise<string[]> => {
    const unknown = deviceIds.filter((deviceId) => !known.has(`${tenant}/${deviceId}`));
    if (unknown.length === 0) return [];
    const states = await devices(tenant).load(unknown);
    if (known.size > MOST_KNOWN) known.clear();
    for (const deviceId of states.keys()) known.add(`${tenant}/${deviceId}`);
    return unknown.filter((deviceId) => !states.has(deviceId));
  };

  return async (tenant: TenantId, deviceIds: readonly string[]): Promise<DevicesWithoutRoom | undefined> => {
    const { devices: limit } = await limits(tenant);
    if (limit === undefined) return undefined;
    const begun = await newOnes(tenant, deviceIds);
    if (begun.length === 0) return undefined;
    const isFull = now() < (fullUntilMs.get(tenant) ?? 0);
    const room = isFull ? 0 : limit - (await devices(tenant).count(limit));
    if (room <= 0 && !isFull) fullUntilMs.set(tenant, now() + FULL_MS);
    const refused = begun.slice(Math.max(0, room));
    if (refused.length === 0) return undefined;
    return { deviceIds: new Set(refused), rule: deviceRule(limit) };
  };
};

/** The answer to a request of which nothing is left, because all of it is of devices without room. */
export const noRoom = (deviceId: string, rule: string): ConflictError =>
  new ConflictError(`device ${deviceId} ${rule}`, {
    problems: [{ field: "deviceId", value: deviceId, rule }],
  });
