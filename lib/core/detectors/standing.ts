import { STANDSTILL_METERS_PER_SECOND } from "../motion/distance-fix.ts";
import { ABSENT, POSITION_FIELDS, SPEED } from "../position/position.ts";
import type { Detector } from "./detector.ts";

/** Since when a device stands still. */
export interface Standing {
  /**
   * Timestamp of the first of the positions that have all reported a standstill since; absent while it moves
   * or does not say.
   */
  readonly sinceMs?: number;
}

const STANDSTILL_SPEED = STANDSTILL_METERS_PER_SECOND * POSITION_FIELDS[SPEED].quantaPerUnit;

const HIGH = 2 ** 32;
const TIMESTAMP_BYTES = 6;
const MOVING: Standing = {};

/** A position without a speed ends a standstill: it may have moved. */
export const standing: Detector<Standing> = {
  id: 1,
  initial: MOVING,
  maximumBytes: TIMESTAMP_BYTES,
  encode({ sinceMs }) {
    if (sinceMs === undefined) return new Uint8Array(0);
    const view = new DataView(new ArrayBuffer(TIMESTAMP_BYTES));
    view.setUint16(0, Math.floor(sinceMs / HIGH));
    view.setUint32(2, sinceMs % HIGH);
    return new Uint8Array(view.buffer);
  },
  decode(bytes) {
    if (bytes.length === 0) return MOVING;
    if (bytes.length !== TIMESTAMP_BYTES) throw new RangeError(`a standstill has ${bytes.length} bytes`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { sinceMs: view.getUint16(0) * HIGH + view.getUint32(2) };
  },
  step(before, { timestampsMs, columns }, from, to) {
    const speeds = columns[SPEED];
    let first = to;
    while (first > from && isStandstill(speeds[first - 1])) first--;
    if (first === to) return to > from ? MOVING : before;
    if (first === from && before.sinceMs !== undefined) return before;
    return { sinceMs: timestampsMs[first] };
  },
};

const isStandstill = (speed: number): boolean => speed !== ABSENT && speed < STANDSTILL_SPEED;
