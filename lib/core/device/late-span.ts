import type { Fence } from "../identity/fence.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { encodeSegment } from "../segment/segment.ts";
import type { LatePart, RecordMark } from "../track/track-store.ts";
import { bringersBytes, encodeBringers, SETTLED } from "./bringers.ts";
import { hasPassed } from "./record-mark.ts";

/** A part with less room than this is as good as full. */
const LEAST_ROOM_BYTES = 40;
/** A first guess at how many more fit: a position takes about 8 bytes, and as many again if it came alone. */
const LIKELY_BYTES_PER_POSITION = 14;

/** Positions in time order, each with the record that brought it. */
export interface Brought {
  readonly positions: PositionBuffer;
  readonly bringers: readonly number[];
}

/** The last part of a span as it was read. */
export interface OpenPart extends Brought {
  readonly stored: LatePart;
}

/**
 * Puts positions that their span does not have yet into its last part while there is room, then into new
 * parts. Returns the parts in the order to write them: with the last part first, two writers of one span
 * can't both succeed.
 */
export const addToSpan = (
  last: OpenPart | undefined,
  nextPart: number,
  added: Brought,
  newestBringer: RecordMark,
  fence: Fence | undefined,
  partBytes: number,
): LatePart[] => {
  const parts: LatePart[] = [];
  let from = 0;
  if (last !== undefined) {
    const settled = settle(last, fence);
    const to = endOfRoom(settled, added, from, partBytes);
    if (to > from) {
      const mark = newestOf(settled.newestBringer, newestBringer);
      const { part, revision } = last.stored;
      parts.push(toPart(part, revision, merge(settled, added, from, to), mark));
      from = to;
    }
  }
  for (let part = nextPart; from < added.positions.count; part++) {
    const to = endOfRoom(NOTHING, added, from, partBytes);
    parts.push(toPart(part, 0, merge(NOTHING, added, from, to), newestBringer));
    from = to;
  }
  return parts;
};

const NOTHING: Brought = { positions: new PositionBuffer(0), bringers: [] };

/** Forgets which record brought a position once the state counts it. */
const settle = (
  { stored, positions, bringers }: OpenPart,
  fence: Fence | undefined,
): Brought & { readonly newestBringer?: RecordMark } => {
  const { newestBringer } = stored;
  if (newestBringer === undefined || hasPassed(fence, newestBringer)) {
    return { positions, bringers: bringers.map(() => SETTLED) };
  }
  return { positions, bringers, newestBringer };
};

/** Records of two streams can't be compared: no fence will ever pass both. */
const newestOf = (before: RecordMark | undefined, newest: RecordMark): RecordMark =>
  before === undefined || before.stream === newest.stream ? newest : { ...newest, stream: "" };

/** The index after the last position that still fits. In an empty part at least one does. */
const endOfRoom = (part: Brought, added: Brought, from: number, partBytes: number): number => {
  const { count } = added.positions;
  let fits = from;
  let tooMany = count + 1;
  let room = partBytes - bytesOf(part);
  while (fits + 1 < tooMany && fits < count && room >= LEAST_ROOM_BYTES) {
    const likely = Math.max(1, Math.floor(room / LIKELY_BYTES_PER_POSITION));
    const end = Math.min(fits + likely, tooMany - 1, count);
    const left = partBytes - bytesOf(merge(part, added, from, end));
    if (left >= 0) {
      fits = end;
      room = left;
    } else {
      tooMany = end;
      room = Math.floor(room / 2);
    }
  }
  if (fits === from && part.positions.count === 0) return from + 1;
  return fits;
};

const bytesOf = ({ positions, bringers }: Brought): number =>
  encodeSegment(positions).length + bringersBytes(bringers);

const merge = (part: Brought, added: Brought, from: number, to: number): Brought => {
  const positions = new PositionBuffer(part.positions.count + to - from);
  const bringers: number[] = [];
  let index = 0;
  const takeUntil = (untilMs: number): void => {
    const begin = index;
    while (index < part.positions.count && part.positions.timestampsMs[index] < untilMs) index++;
    if (index === begin) return;
    positions.append(part.positions, begin, index);
    for (let at = begin; at < index; at++) bringers.push(part.bringers[at]);
  };
  for (let at = from; at < to; at++) {
    takeUntil(added.positions.timestampsMs[at]);
    positions.append(added.positions, at, at + 1);
    bringers.push(added.bringers[at]);
  }
  takeUntil(Number.POSITIVE_INFINITY);
  return { positions, bringers };
};

const toPart = (
  part: number,
  revision: number,
  { positions, bringers }: Brought,
  newestBringer: RecordMark,
): LatePart => ({
  kind: "late",
  part,
  revision,
  firstTimestampMs: positions.timestampsMs[0],
  lastTimestampMs: positions.timestampsMs[positions.count - 1],
  positionCount: positions.count,
  data: encodeSegment(positions),
  bringers: encodeBringers(bringers),
  newestBringer,
});
