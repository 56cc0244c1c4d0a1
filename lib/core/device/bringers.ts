import type { Fence } from "../identity/fence.ts";
import { digest48 } from "./digest.ts";

/*
 * A late position is on the track before the device's state counts it. If the state could not be saved, its
 * record comes again, and must then recognise this position as its own: known, but not counted. So a late
 * part says for each position which record brought it, until the device's fence has passed that record. The
 * form: in time order, runs of positions of the same record. 6 bytes of a digest of the record, or 0 when the
 * positions are counted; 2 bytes for how many there are.
 */

const RUN_BYTES = 8;
const LONGEST_RUN = 0xffff;
const HIGH = 0x1_0000_0000;

/** Counted, so it no longer matters which record brought it. */
export const SETTLED = 0;

/**
 * Identifies a record among those of its device. Leaves out the stream's creation time, which may be wrong
 * for a while.
 */
export const bringerOf = ({
  stream,
  sequenceNumber,
  arrivedAtMs,
}: Fence & { readonly arrivedAtMs: number }): number =>
  digest48(`${sequenceNumber} ${arrivedAtMs} ${stream}`) || 1;

/** Empty when all positions are counted. */
export const encodeBringers = (bringers: readonly number[]): Uint8Array => {
  if (bringers.every((bringer) => bringer === SETTLED)) return new Uint8Array(0);
  const bytes = new Uint8Array(runsOf(bringers) * RUN_BYTES);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (let from = 0; from < bringers.length; ) {
    const to = endOfRun(bringers, from);
    view.setUint16(offset, Math.floor(bringers[from] / HIGH));
    view.setUint32(offset + 2, bringers[from] % HIGH);
    view.setUint16(offset + 6, to - from);
    offset += RUN_BYTES;
    from = to;
  }
  return bytes;
};

/** One for each of `count` positions. */
export const decodeBringers = (bytes: Uint8Array, count: number): number[] => {
  const bringers: number[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset + RUN_BYTES <= bytes.length; offset += RUN_BYTES) {
    const bringer = view.getUint16(offset) * HIGH + view.getUint32(offset + 2);
    for (let left = view.getUint16(offset + 6); left > 0; left--) bringers.push(bringer);
  }
  while (bringers.length < count) bringers.push(SETTLED);
  return bringers;
};

/** How many bytes encodeBringers makes of them, at most. */
export const bringersBytes = (bringers: readonly number[]): number => runsOf(bringers) * RUN_BYTES;

const runsOf = (bringers: readonly number[]): number => {
  let runs = 0;
  for (let from = 0; from < bringers.length; from = endOfRun(bringers, from)) runs++;
  return runs;
};

const endOfRun = (bringers: readonly number[], from: number): number => {
  let to = from + 1;
  while (to < bringers.length && bringers[to] === bringers[from] && to - from < LONGEST_RUN) to++;
  return to;
};
