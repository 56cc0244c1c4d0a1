import type { Fence } from "../identity/fence.ts";
import { LONGEST_TENANT_ID } from "../tenant/tenant-id.ts";
import { stateHeaderBytes } from "./device-state-codec.ts";

/** One DynamoDB write unit: what a device's whole item must stay within. */
export const MAXIMUM_ITEM_BYTES = 1024;

/** Attribute names count, each byte; so do numbers, half a byte a digit and one more, with up to 16 digits. */
const NAMES_BYTES = "deviceId".length + "version".length + "lastHeardMs".length + "state".length;
const NUMBER_BYTES = 1 + 16 / 2;

/** The item's key is `<tenant>/<device id>`. Counted at its longest for every tenant, so that all seal alike. */
const TENANT_BYTES = LONGEST_TENANT_ID + 1;

/** Even a device with the longest names keeps room for a few positions. */
const LEAST_ROOM_BYTES = 128;

/** How many bytes a tail may take; from one deployment to the next it may change. */
export type RoomRule = (deviceId: string, fence: Fence | undefined) => number;

/**
 * How many bytes of a device's item are left for its encoded tail, when its item is
 * `{ deviceId, version, lastHeardMs, state }`, with the tenant before the device id, and `state` is what encodeDeviceState returns.
 */
export const tailRoomBytes: RoomRule = (deviceId: string, fence: Fence | undefined): number => {
  const taken = NAMES_BYTES + TENANT_BYTES + deviceId.length + 2 * NUMBER_BYTES + stateHeaderBytes(fence);
  return Math.max(LEAST_ROOM_BYTES, MAXIMUM_ITEM_BYTES - taken);
};
