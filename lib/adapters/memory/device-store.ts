import { belongsTo } from "../../core/access/device-prefix.ts";
import type { DeviceState } from "../../core/device/device-state.ts";
import { decodeDeviceState, encodeDeviceState } from "../../core/device/device-state-codec.ts";
import type { DeviceStore } from "../../core/device/device-store.ts";
import { VersionConflictError } from "../../core/errors.ts";
import { DEFAULT_TENANT } from "../../core/tenant/tenant-id.ts";
import { deviceStateBytes } from "../dynamodb/item-budget.ts";
import { pageOf } from "./paging.ts";

/** A device's item, encoded as in any other store, so that nothing works here that would be lost there. */
interface DeviceItem {
  readonly deviceId: string;
  readonly version: number;
  readonly lastHeardMs: number;
  readonly state: Uint8Array;
}

/**
 * A devices table in memory, with the room of one in DynamoDB, and a list of them. `beforePut` is called when
 * a device is listed and not yet saved: a test lets the save fail there.
 */
export const memoryDeviceStore = (beforePut: () => void = () => undefined): DeviceStore => {
  const items = new Map<string, DeviceItem>();
  const listed = new Set<string>();
  return {
    stateBytes: (deviceId) => deviceStateBytes(DEFAULT_TENANT, deviceId),
    async load(deviceIds) {
      const found = new Map<string, DeviceState>();
      for (const deviceId of deviceIds) {
        const item = items.get(deviceId);
        if (item) found.set(deviceId, toState(item));
      }
      return found;
    },
    async save(state) {
      const { deviceId, version, lastHeardMs } = state;
      if (version === 0) listed.add(deviceId);
      beforePut();
      if ((items.get(deviceId)?.version ?? 0) !== version) {
        throw new VersionConflictError(
          `save device ${deviceId} over version ${version}: another writer was faster`,
        );
      }
      items.set(deviceId, { deviceId, version: version + 1, lastHeardMs, state: encodeDeviceState(state) });
    },
    async count(upTo) {
      return Math.min(listed.size, upTo);
    },
    async listed(deviceIds) {
      return new Set(deviceIds.filter((deviceId) => listed.has(deviceId)));
    },
    async list({ idPrefix, ...request }) {
      const wanted = new Map(
        [...items].filter(([deviceId]) => idPrefix === undefined || belongsTo(idPrefix, deviceId)),
      );
      return pageOf(wanted, "deviceId", request, toState);
    },
    async remove(deviceId) {
      items.delete(deviceId);
      listed.delete(deviceId);
    },
  };
};

const toState = ({ deviceId, version, state }: DeviceItem): DeviceState =>
  decodeDeviceState(deviceId, version, state);
