import { SegmentError } from "../errors.ts";
import {
  CODING_MASK,
  CONSTANT,
  DELTA,
  DELTA_OF_DELTA,
  HAS_STEP,
  SPARSE_DELTA,
  SPARSE_DELTA_OF_DELTA,
  SPARSE_NIBBLE,
} from "./column-format.ts";
import { type ByteReader, endsEarly, readByte, readSigned, readUnsigned } from "./varint.ts";

/**
 * Reads what encodeColumn wrote, behind the header byte and the presence: `count` (at least 1) values to
 * `into[at]` and on, less `firstValue` modulo 2^32 when `relative`. Returns the first value.
 */
export const decodeColumn = (
  reader: ByteReader,
  header: number,
  into: Int32Array,
  at: number,
  count: number,
  relative: boolean,
): number => {
  const step = (header & HAS_STEP) !== 0 ? readUnsigned(reader) : 1;
  if (step > 0xffff_ffff) throw new SegmentError("a column's step is larger than 32 bits");
  const firstValue = readSigned(reader);
  if (!relative && firstValue !== (firstValue | 0)) throw new SegmentError("a column begins beyond 32 bits");
  const first = relative ? 0 : firstValue;
  into[at] = first;
  switch (header & CODING_MASK) {
    case CONSTANT:
      into.fill(first, at, at + count);
      break;
    case DELTA:
      readDeltas(reader, into, at, count, step);
      break;
    case DELTA_OF_DELTA:
      readDeltasOfDeltas(reader, into, at, count, step);
      break;
    case SPARSE_DELTA:
      readSparse(reader, into, at, count, step, false);
      break;
    case SPARSE_DELTA_OF_DELTA:
      readSparse(reader, into, at, count, step, true);
      break;
    default:
      throw new SegmentError("a column has an unknown coding");
  }
  return firstValue;
};

// The loops keep the offset in a variable of their own, and inline the one- and two-byte varints that most values are.

const readDeltas = (reader: ByteReader, into: Int32Array, at: number, count: number, step: number): void => {
  const { bytes } = reader;
  const end = bytes.length;
  let { offset } = reader;
  let value = into[at];
  for (let index = at + 1; index < at + count; index++) {
    if (offset >= end) throw endsEarly();
    let zigzagged = bytes[offset++];
    if (zigzagged >= 0x80) {
      reader.offset = offset;
      zigzagged = readRest(reader, zigzagged);
      offset = reader.offset;
    }
    value = (value + Math.imul(step, (zigzagged >>> 1) ^ -(zigzagged & 1))) | 0;
    into[index] = value;
  }
  reader.offset = offset;
};

const readDeltasOfDeltas = (
  reader: ByteReader,
  into: Int32Array,
  at: number,
  count: number,
  step: number,
): void => {
  const { bytes } = reader;
  const end = bytes.length;
  let { offset } = reader;
  let value = into[at];
  let delta = 0;
  for (let index = at + 1; index < at + count; index++) {
    if (offset >= end) throw endsEarly();
    let zigzagged = bytes[offset++];
    if (zigzagged >= 0x80) {
      reader.offset = offset;
      zigzagged = readRest(reader, zigzagged);
      offset = reader.offset;
    }
    delta = (delta + ((zigzagged >>> 1) ^ -(zigzagged & 1))) | 0;
    value = (value + Math.imul(step, delta)) | 0;
    into[index] = value;
  }
  reader.offset = offset;
};

const readSparse = (
  reader: ByteReader,
  into: Int32Array,
  at: number,
  count: number,
  step: number,
  isSecondOrder: boolean,
): void => {
  const end = at + count;
  let value = into[at];
  let delta = 0;
  for (let index = at + 1; index < end; ) {
    const token = readByte(reader);
    let zeros = token >> 4;
    if (zeros === SPARSE_NIBBLE) zeros += readUnsigned(reader);
    if (zeros > end - index) throw new SegmentError("a column skips beyond its end");
    for (const until = index + zeros; index < until; index++) {
      value = (value + delta) | 0;
      into[index] = value;
    }
    let magnitude = token & SPARSE_NIBBLE;
    if (index === end) {
      if (magnitude !== 0) throw new SegmentError("a column goes on beyond its end");
      break;
    }
    if (magnitude === SPARSE_NIBBLE) magnitude = readVarint(reader) + SPARSE_NIBBLE;
    const zigzagged = (magnitude + 1) | 0;
    const change = Math.imul(step, (zigzagged >>> 1) ^ -(zigzagged & 1));
    if (isSecondOrder) delta = (delta + change) | 0;
    value = (value + (isSecondOrder ? delta : change)) | 0;
    into[index++] = value;
  }
};

const readVarint = (reader: ByteReader): number => {
  const low = readByte(reader);
  return low < 0x80 ? low : readRest(reader, low);
};

/** The 32 bits of a varint whose first byte is `low` and says that more follow. */
const readRest = (reader: ByteReader, low: number): number => {
  let value = low & 0x7f;
  for (let shift = 7; shift < 35; shift += 7) {
    const byte = readByte(reader);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (shift === 28 && byte > 0x0f) break;
      return value;
    }
  }
  throw new SegmentError("a difference is larger than 32 bits");
};
