import type { Fence } from "../identity/fence.ts";
import { stateHeaderBytes } from "./device-state-codec.ts";

/** Even a device with the longest names keeps room for a few positions. */
const LEAST_ROOM_BYTES = 128;

/** The bytes that a state of at most `stateBytes` leaves for its encoded tail. */
export const tailRoomBytes = (stateBytes: number, fence: Fence | undefined): number =>
  Math.max(LEAST_ROOM_BYTES, stateBytes - stateHeaderBytes(fence));
