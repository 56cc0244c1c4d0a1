import { NotFoundError } from "../errors.ts";
import type { DeviceState } from "./device-state.ts";
import type { DeviceStore } from "./device-store.ts";

/** The device's state. Throws NotFoundError for one that was never heard. */
export const heardDevice = async (
  devices: Pick<DeviceStore, "load">,
  deviceId: string,
): Promise<DeviceState> => {
  const state = (await devices.load([deviceId])).get(deviceId);
  if (!state) throw new NotFoundError(`device ${deviceId} was never heard, or only within the last seconds`);
  return state;
};
