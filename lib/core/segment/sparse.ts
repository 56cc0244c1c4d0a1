import { SegmentError } from "../errors.ts";
import { unzigzag } from "./column-format.ts";
import type { Residuals } from "./residuals.ts";
import { type ByteReader, readByte, readUnsigned, VARINT_BYTES, writeUnsigned } from "./varint.ts";

// Residuals that are mostly zero, as tokens: zeros to skip in the high nibble, then one zigzag residual, less
// one, in the low nibble. A nibble of 15 says that a varint with what exceeds it follows, the zeros' first.
// When only zeros are left, one last token skips them; its low nibble is 0 and has no meaning.

const NIBBLE = 15;

/** Bytes that writeSparse takes, or some number not below `limit` when it is not less than that. */
export const sparseSize = ({ values, count, leastSparseBytes }: Residuals, limit: number): number => {
  if (leastSparseBytes >= limit) return limit;
  let size = 0;
  let zeros = 0;
  for (let index = 0; index < count && size < limit; index++) {
    const zigzagged = values[index];
    if (zigzagged === 0) zeros++;
    else {
      size += tokenSize(zeros, zigzagged);
      zeros = 0;
    }
  }
  return zeros > 0 ? size + tokenSize(zeros, 1) : size;
};

const tokenSize = (zeros: number, zigzagged: number): number =>
  1 +
  (zeros < NIBBLE ? 0 : VARINT_BYTES[Math.clz32(zeros - NIBBLE)]) +
  (isSmall(zigzagged) ? 0 : VARINT_BYTES[Math.clz32(zigzagged - 1 - NIBBLE)]);

// Zigzag numbers are unsigned; as 32-bit integers those above 2^31 are negative.
const isSmall = (zigzagged: number): boolean => zigzagged >>> 4 === 0;

/** Returns the offset after the residuals; gives up once that is beyond `limit`. */
export const writeSparse = (
  out: Uint8Array,
  offset: number,
  { values, count }: Residuals,
  limit: number,
): number => {
  let next = offset;
  let zeros = 0;
  for (let index = 0; index < count; index++) {
    const zigzagged = values[index];
    if (zigzagged === 0) {
      zeros++;
      continue;
    }
    next = writeToken(out, next, zeros, zigzagged);
    if (next > limit) return next;
    zeros = 0;
  }
  return zeros > 0 ? writeToken(out, next, zeros, 1) : next;
};

const writeToken = (out: Uint8Array, offset: number, zeros: number, zigzagged: number): number => {
  out[offset] = (Math.min(zeros, NIBBLE) << 4) | (isSmall(zigzagged) ? zigzagged - 1 : NIBBLE);
  let next = offset + 1;
  if (zeros >= NIBBLE) next = writeUnsigned(out, next, zeros - NIBBLE);
  return isSmall(zigzagged) ? next : writeUnsigned(out, next, (zigzagged - 1 - NIBBLE) >>> 0);
};

/** Reads `count` residuals to `into[at]` and on. */
export const readSparse = (reader: ByteReader, into: Int32Array, at: number, count: number): void => {
  const end = at + count;
  for (let index = at; index < end; ) {
    const token = readByte(reader);
    let zeros = token >> 4;
    if (zeros === NIBBLE) zeros += readUnsigned(reader);
    if (zeros > end - index) throw new SegmentError("a column skips beyond its end");
    for (const until = index + zeros; index < until; index++) into[index] = 0;
    const low = token & NIBBLE;
    if (index === end) {
      if (low !== 0) throw new SegmentError("a column goes on beyond its end");
      return;
    }
    const lessOne = low < NIBBLE ? low : readUnsigned(reader) + NIBBLE;
    if (lessOne >= 0xffff_ffff) throw new SegmentError("a column's difference is wider than 32 bits");
    into[index++] = unzigzag((lessOne + 1) | 0);
  }
};
