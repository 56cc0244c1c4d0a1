import { NotFoundError } from "../errors.ts";
import { inputErrorOf } from "../field-problems.ts";
import type { DeviceState } from "./device-state.ts";
import type { DeviceStore } from "./device-store.ts";

/** The most devices that are read to find the one heard last. */
export const MAXIMUM_DEVICES_WITHOUT_ID = 100;

/**
 * The device that was heard last, in a fleet small enough to read every device. It is not stored anywhere:
 * that would be a write for every batch of every device. Throws NotFoundError when there is no device,
 * InvalidInputError for `field` when there are too many.
 */
export const deviceHeardLast = async (
  devices: Pick<DeviceStore, "list">,
  field: string,
): Promise<DeviceState> => {
  const { items, cursor } = await devices.list({ limit: MAXIMUM_DEVICES_WITHOUT_ID });
  if (cursor !== undefined) {
    const rule = `must be given where there are more than ${MAXIMUM_DEVICES_WITHOUT_ID} devices`;
    throw inputErrorOf({ field, rule });
  }
  let newest: DeviceState | undefined;
  for (const state of items) if (!newest || state.lastHeardMs > newest.lastHeardMs) newest = state;
  if (!newest) throw new NotFoundError("no device was heard yet");
  return newest;
};
