import { SegmentError } from "../errors.ts";
import {
  CODING_MASK,
  CONSTANT,
  HAS_STEP,
  KNOWN_BITS,
  PACKED,
  SECOND_ORDER,
  SPARSE,
} from "./column-format.ts";
import { readPacked } from "./packed.ts";
import { readSparse } from "./sparse.ts";
import { type ByteReader, readByte, readSigned, readUnsigned } from "./varint.ts";

/**
 * Reads what encodeColumn wrote, behind the header byte and the presence: `count` (at least 1) values to
 * `into[at]` and on, less the first one when `relative`. Returns the first value.
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
  if (step > 0xffff_ffff) throw new SegmentError("a column's step is wider than 32 bits");
  const firstValue = readSigned(reader);
  const first = relative ? 0 : firstValue;
  if (first !== (first | 0)) throw new SegmentError("a column begins beyond 32 bits");
  const coding = header & CODING_MASK;
  if (coding === CONSTANT) {
    into.fill(first, at, at + count);
    return firstValue;
  }
  const isSecond = (header & SECOND_ORDER) !== 0;
  const firstDelta = isSecond ? readSigned(reader) | 0 : 0;
  if (coding === PACKED) readPacked(reader, into, at + 1, count - 1);
  else if (coding === SPARSE) readSparse(reader, into, at + 1, count - 1);
  else throw new SegmentError("a column has an unknown coding");
  into[at] = first;
  if (isSecond) sumTwice(into, at, count, step, firstDelta);
  else sum(into, at, count, step);
  return firstValue;
};

/** A column's first byte. */
export const readHeader = (reader: ByteReader): number => {
  const header = readByte(reader);
  if (header > KNOWN_BITS) throw new SegmentError("a column has an unknown header");
  return header;
};

/** Turns differences into values, modulo 2^32, in place. */
const sum = (into: Int32Array, at: number, count: number, step: number): void => {
  let value = into[at];
  for (let index = at + 1; index < at + count; index++) {
    value = (value + Math.imul(step, into[index])) | 0;
    into[index] = value;
  }
};

/** Turns differences of differences into values, modulo 2^32, in place. */
const sumTwice = (into: Int32Array, at: number, count: number, step: number, firstDelta: number): void => {
  let delta = firstDelta;
  let value = into[at];
  for (let index = at + 1; index < at + count; index++) {
    delta = (delta + into[index]) | 0;
    value = (value + Math.imul(step, delta)) | 0;
    into[index] = value;
  }
};
