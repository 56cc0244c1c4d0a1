import { belongsTo } from "../../core/access/device-prefix.ts";
import { ConflictError } from "../../core/errors.ts";
import { isOver, type Share, type ShareLinks, type ShareStore } from "../../core/share/share.ts";
import type { TenantId } from "../../core/tenant/tenant-id.ts";
import { pageOf } from "./paging.ts";

/** A shares table in memory. */
export interface MemoryShares {
  readonly shares: (tenant: TenantId) => ShareStore;
  readonly links: ShareLinks;
}

export const memoryShares = (): MemoryShares => {
  const all = new Map<string, Share>();

  const sharesOf = (tenant: TenantId): ShareStore => {
    const own = (shareId: string): Share | undefined => {
      const share = all.get(shareId);
      return share?.tenant === tenant ? share : undefined;
    };
    return {
      async create(share) {
        if (share.tenant !== tenant) throw new RangeError("the share is another tenant's");
        if (all.has(share.shareId)) throw new ConflictError(`there is a share ${share.shareId} already`);
        all.set(share.shareId, structuredClone(share));
      },
      async get(shareId, nowMs) {
        const share = own(shareId);
        return share && !isOver(share, nowMs) ? structuredClone(share) : undefined;
      },
      async list({ devicePrefix, ...request }, nowMs) {
        const listed = [...all].filter(
          ([, share]) => share.tenant === tenant && !isOver(share, nowMs) && isOfDevices(share, devicePrefix),
        );
        return pageOf(new Map(listed), "shareId", request, (share) => structuredClone(share));
      },
      async removeOfDevice(deviceId, limit) {
        const found = [...all.values()].filter(
          ({ tenant: whose, thing }) =>
            whose === tenant && thing.kind === "device" && thing.deviceId === deviceId,
        );
        for (const { shareId } of found.slice(0, limit)) all.delete(shareId);
        return found.length <= limit;
      },
      async remove(shareId) {
        return own(shareId) !== undefined && all.delete(shareId);
      },
    };
  };

  return {
    shares: sharesOf,
    links: { find: async (shareId) => structuredClone(all.get(shareId)) },
  };
};

const isOfDevices = ({ thing }: Share, devicePrefix: string | undefined): boolean =>
  devicePrefix === undefined || (thing.kind === "device" && belongsTo(devicePrefix, thing.deviceId));
