import type { Fence } from "../identity/fence.ts";
import { stateHeaderBytes } from "./device-state-codec.ts";

/** Even a device with the longest names keeps room for a few positions. */
const LEAST_ROOM_BYTES = 128;

/** How many bytes are left for the encoded tail in a state that may have so many, encoded. */
export const tailRoomBytes = (stateBytes: number, fence: Fence | undefined): number =>
  Math.max(LEAST_ROOM_BYTES, stateBytes - stateHeaderBytes(fence));
