import { SegmentError } from "../errors.ts";
import { ABSENT } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import type { SegmentCompression } from "./compression.ts";

const RAW = 1;
const COMPRESSED = 2;
const ALL_ABSENT = 0;
const DENSE = 1;
const MIXED = 2;

/** What one segment may hold at most: decoding is bounded whatever the bytes say. */
export const MAXIMUM_SEGMENT_POSITIONS = 65_536;
const MAXIMUM_SEGMENT_BYTES = MAXIMUM_SEGMENT_POSITIONS * 80;

export const isSegment = (bytes: Uint8Array): boolean => bytes[0] === RAW || bytes[0] === COMPRESSED;

export const encodeSegment = (buffer: PositionBuffer, from = 0, to = buffer.count): Uint8Array => {
  const bytes: number[] = [RAW];
  const varint = (value: number): void => {
    while (value >= 0x80) {
      bytes.push((value % 0x80) + 0x80);
      value = Math.floor(value / 0x80);
    }
    bytes.push(value);
  };
  const signed = (value: number): void => {
    const negative = value < 0 ? 1 : 0;
    const magnitude = negative ? -value - 1 : value;
    const rest = Math.floor(magnitude / 64);
    bytes.push((magnitude % 64) * 2 + negative + (rest > 0 ? 0x80 : 0));
    if (rest > 0) varint(rest);
  };
  if (to - from > MAXIMUM_SEGMENT_POSITIONS) {
    throw new SegmentError(`a segment holds at most ${MAXIMUM_SEGMENT_POSITIONS} positions`);
  }
  varint(to - from);
  let before = 0;
  for (let index = from; index < to; index++) {
    signed(buffer.timestampsMs[index] - before);
    before = buffer.timestampsMs[index];
  }
  for (const column of buffer.columns) {
    const values = column.subarray(from, to);
    const present = values.filter((value) => value !== ABSENT);
    bytes.push(present.length === 0 ? ALL_ABSENT : present.length === values.length ? DENSE : MIXED);
    if (present.length > 0 && present.length < values.length) {
      for (const value of values) bytes.push(value === ABSENT ? 0 : 1);
    }
    before = 0;
    for (const value of present) {
      signed(value - before);
      before = value;
    }
  }
  return Uint8Array.from(bytes);
};

export const compressSegment = (bytes: Uint8Array, compression: SegmentCompression): Uint8Array => {
  const compressed = compression.compress(bytes);
  if (compressed.length + 1 >= bytes.length) return bytes;
  const wrapped = new Uint8Array(compressed.length + 1);
  wrapped[0] = COMPRESSED;
  wrapped.set(compressed, 1);
  return wrapped;
};

export const decodeSegment = (
  bytes: Uint8Array,
  compression?: SegmentCompression,
  into: PositionBuffer = new PositionBuffer(),
): PositionBuffer => {
  if (bytes[0] === COMPRESSED) {
    if (compression === undefined) throw new SegmentError("segment is compressed");
    try {
      return decodeRaw(compression.decompress(bytes.subarray(1), MAXIMUM_SEGMENT_BYTES), into);
    } catch (error) {
      if (error instanceof SegmentError) throw error;
      throw new SegmentError("segment can't be decompressed", { cause: error });
    }
  }
  return decodeRaw(bytes, into);
};

const decodeRaw = (bytes: Uint8Array, into: PositionBuffer): PositionBuffer => {
  if (bytes[0] !== RAW) throw new SegmentError("not a segment");
  let offset = 1;
  const next = (): number => {
    if (offset >= bytes.length) throw new SegmentError("segment ends early");
    return bytes[offset++];
  };
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = next();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new SegmentError("number too large");
      if (byte < 0x80) return value;
    }
  };
  const signed = (): number => {
    const byte = next();
    const magnitude = ((byte & 0x7f) >> 1) + (byte >= 0x80 ? varint() * 64 : 0);
    return byte & 1 ? -magnitude - 1 : magnitude;
  };
  const count = varint();
  if (count > MAXIMUM_SEGMENT_POSITIONS) throw new SegmentError("too many positions");
  into.reserve(into.count + count);
  let before = 0;
  for (let index = into.count; index < into.count + count; index++) {
    before += signed();
    if (!(before >= 0 && before <= 8.64e15)) throw new SegmentError("timestamp out of range");
    into.timestampsMs[index] = before;
  }
  for (const column of into.columns) {
    const mode = next();
    if (mode > MIXED) throw new SegmentError("unknown column mode");
    for (let index = into.count; index < into.count + count; index++) {
      column[index] = mode === DENSE || (mode === MIXED && next() === 1) ? 0 : ABSENT;
    }
    before = 0;
    for (let index = into.count; index < into.count + count; index++) {
      if (column[index] === ABSENT) continue;
      before += signed();
      if (before <= ABSENT || before > 0x7fff_ffff) throw new SegmentError("value out of range");
      column[index] = before;
    }
  }
  if (offset !== bytes.length) throw new SegmentError("trailing bytes");
  into.count += count;
  return into;
};
