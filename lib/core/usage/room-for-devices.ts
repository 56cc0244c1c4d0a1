import type { Clock } from "../clock.ts";
import type { DeviceStore } from "../device/device-store.ts";
import { ConflictError } from "../errors.ts";
import { remember } from "../remember.ts";
import type { OfTenant } from "../tenant/of-tenant.ts";
import type { TenantId } from "../tenant/tenant-id.ts";
import { doesNotAnswer, type LimitsOf } from "../tenant/tenant-limits.ts";

export interface RoomPorts {
  readonly limits: LimitsOf;
  readonly devices: OfTenant<Pick<DeviceStore, "listed" | "count">>;
  readonly now: Clock;
}

/** The rule that a new device breaks when there are too many. */
export const deviceRule = (limit: number): string =>
  `is new, and the limit on devices (${limit}) is reached: delete one, or have the limit raised`;

/** After so long, a full tenant is counted again, and a table that did not answer is asked again. */
const RECHECK_MS = 10_000;
const MAXIMUM_TENANTS = 1_000;
const MAXIMUM_KNOWN = 20_000;

/**
 * For how many more devices a tenant has room. That there is none is remembered for some seconds, or until
 * the limit is raised: devices that were refused keep coming.
 */
const roomLeft = ({ devices, now }: Pick<RoomPorts, "devices" | "now">) => {
  const full = new Map<TenantId, { readonly limit: number; readonly untilMs: number }>();
  return async (tenant: TenantId, limit: number): Promise<number> => {
    const known = full.get(tenant);
    if (known && limit <= known.limit && now() < known.untilMs) return 0;
    const room = Math.max(0, limit - (await devices(tenant).count(limit)));
    if (room === 0) remember(full, tenant, { limit, untilMs: now() + RECHECK_MS }, MAXIMUM_TENANTS);
    return room;
  };
};

/**
 * Why a tenant can't have this new device; undefined when it can. A device that is in the list already has
 * its place: its first save failed halfway. The device is stored after it was counted, so devices that begin
 * at the same moment can pass the limit together, by as many as begin at once.
 */
export const whyNoDevice = ({
  limits,
  devices,
  now,
}: RoomPorts): OfTenant<(deviceId: string) => Promise<string | undefined>> => {
  const roomOf = roomLeft({ devices, now });
  return (tenant) => async (deviceId) => {
    const { devices: limit } = await limits(tenant);
    if (limit === undefined || (await roomOf(tenant, limit)) > 0) return undefined;
    const isListed = (await devices(tenant).listed([deviceId])).has(deviceId);
    return isListed ? undefined : `it ${deviceRule(limit)}`;
  };
};

/** New devices of a tenant that has as many as it may have. */
export interface DevicesWithoutRoom {
  readonly deviceIds: ReadonlySet<string>;
  /** The rule that they break. */
  readonly rule: string;
}

/**
 * Which of some devices are new ones that a tenant has no room for. Without a limit it reads nothing. It
 * reads the list and no states: a device whose state is damaged, or was not saved yet, is not new. While the
 * tables do not answer, there is room for all.
 */
export const devicesWithoutRoom = ({ limits, devices, now }: RoomPorts) => {
  const roomOf = roomLeft({ devices, now });
  const known = new Set<string>();
  const askAgainAtMs = new Map<TenantId, number>();

  const newOnes = async (tenant: TenantId, deviceIds: readonly string[]): Promise<string[]> => {
    const unknown = deviceIds.filter((deviceId) => !known.has(`${tenant}/${deviceId}`));
    if (unknown.length === 0) return [];
    const listed = await devices(tenant).listed(unknown);
    if (known.size > MAXIMUM_KNOWN) known.clear();
    for (const deviceId of listed) known.add(`${tenant}/${deviceId}`);
    return unknown.filter((deviceId) => !listed.has(deviceId));
  };

  const tooMany = async (tenant: TenantId, deviceIds: readonly string[], limit: number) => {
    const begun = await newOnes(tenant, deviceIds);
    return begun.length === 0 ? [] : begun.slice(await roomOf(tenant, limit));
  };

  return async (tenant: TenantId, deviceIds: readonly string[]): Promise<DevicesWithoutRoom | undefined> => {
    const { devices: limit } = await limits(tenant);
    if (limit === undefined || now() < (askAgainAtMs.get(tenant) ?? 0)) return undefined;
    try {
      const refused = await tooMany(tenant, deviceIds, limit);
      return refused.length === 0 ? undefined : { deviceIds: new Set(refused), rule: deviceRule(limit) };
    } catch (error) {
      if (!doesNotAnswer(error)) throw error;
      remember(askAgainAtMs, tenant, now() + RECHECK_MS, MAXIMUM_TENANTS);
      return undefined;
    }
  };
};

/** The answer to a request in which every position is of a device that there is no room for. */
export const noRoom = (deviceId: string, rule: string): ConflictError =>
  new ConflictError(`device ${deviceId} ${rule}`, {
    problems: [{ field: "deviceId", value: deviceId, rule }],
  });
