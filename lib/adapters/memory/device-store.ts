import type { DeviceState } from "../../core/device/device-state.ts";
import type { DeviceStore } from "../../core/device/device-store.ts";
import { VersionConflictError } from "../../core/errors.ts";
import { PositionBuffer } from "../../core/position/position-buffer.ts";
import { pageOf } from "./paging.ts";

/** A devices table in memory. */
export const memoryDeviceStore = (): DeviceStore => {
  const states = new Map<string, DeviceState>();
  return {
    async load(deviceIds) {
      const found = new Map<string, DeviceState>();
      for (const deviceId of deviceIds) {
        const state = states.get(deviceId);
        if (state) found.set(deviceId, copy(state, state.version));
      }
      return found;
    },
    async save(state) {
      const stored = states.get(state.deviceId)?.version ?? 0;
      if (stored !== state.version) {
        throw new VersionConflictError(
          `device ${state.deviceId}: version ${state.version} was read, another writer has saved since`,
        );
      }
      states.set(state.deviceId, copy(state, state.version + 1));
    },
    async list(request) {
      return pageOf(states, "deviceId", request, (state) => copy(state, state.version));
    },
    async lastHeard() {
      let newest: DeviceState | undefined;
      for (const state of states.values()) {
        if (!newest || state.lastHeardMs > newest.lastHeardMs) newest = state;
      }
      return newest && copy(newest, newest.version);
    },
  };
};

const copy = (state: DeviceState, version: number): DeviceState => {
  const tail = new PositionBuffer(state.tail.count);
  tail.append(state.tail);
  return {
    ...state,
    version,
    ...(state.fence && { fence: { ...state.fence } }),
    sealedDistance: structuredClone(state.sealedDistance),
    tail,
  };
};
