import { SegmentError } from "../errors.ts";
import { unzigzag, zigzag } from "./column-format.ts";
import { type ByteReader, endsEarly, readByte } from "./varint.ts";

// Residuals in blocks of 8, each as wide as its largest one needs, so that 8 residuals of w bits are exactly w bytes.
// Adapts to a vehicle that stands or moves within a segment; on drives it is 15 % smaller than varints, and faster.
//
//   base                     one byte
//   a nibble per block       0: all are 0; 1 to 14: the width less the base; 15: a byte before the block has the width
//   the blocks               zigzag residuals, lowest bits first; one wider than 24 bits as its low 16 bits, then the rest

export const BLOCK = 8;
const EXPLICIT = 15;
/** Widest that fits a 32-bit accumulator beside up to 7 waiting bits. */
const MAXIMUM_DIRECT_WIDTH = 24;
const LOW_WIDTH = 16;

export const blockCount = (count: number): number => (count + BLOCK - 1) >> 3;
const blockBytes = (count: number, width: number): number => (count * width + 7) >> 3;
/** Of zigzag residuals that were or-ed together. */
export const widthOf = (bits: number): number => 32 - Math.clz32(bits);

/** The base for blocks of these widths: the narrowest that is not 0 gets nibble 1. */
const baseOf = (widths: Uint8Array, blocks: number): number => {
  let narrowest = 32;
  for (let block = 0; block < blocks; block++) {
    const width = widths[block];
    if (width > 0 && width < narrowest) narrowest = width;
  }
  return narrowest - 1;
};

/** Bytes that writePacked takes for `count` residuals in blocks of these widths. */
export const packedSize = (widths: Uint8Array, count: number): number => {
  const blocks = blockCount(count);
  const base = baseOf(widths, blocks);
  let size = 1 + ((blocks + 1) >> 1);
  for (let block = 0; block < blocks; block++) {
    const width = widths[block];
    size += block === blocks - 1 ? blockBytes(count - block * BLOCK, width) : width;
    if (width - base >= EXPLICIT) size++;
  }
  return size;
};

/** Writes `count` residuals, given the width of each block of them. Returns the offset behind them. */
export const writePacked = (
  out: Uint8Array,
  offset: number,
  residuals: Int32Array,
  count: number,
  widths: Uint8Array,
): number => {
  const blocks = blockCount(count);
  const base = baseOf(widths, blocks);
  out[offset] = base;
  const nibbles = offset + 1;
  let next = nibbles + ((blocks + 1) >> 1);
  out.fill(0, nibbles, next);
  for (let block = 0; block < blocks; block++) {
    const width = widths[block];
    if (width === 0) continue;
    const nibble = Math.min(width - base, EXPLICIT);
    out[nibbles + (block >> 1)] |= nibble << ((block & 1) << 2);
    if (nibble === EXPLICIT) out[next++] = width;
    const from = block * BLOCK;
    const to = Math.min(count, from + BLOCK);
    if (width <= MAXIMUM_DIRECT_WIDTH) next = writeBits(out, next, residuals, from, to, 0, width);
    else {
      next = writeBits(out, next, residuals, from, to, 0, LOW_WIDTH);
      next = writeBits(out, next, residuals, from, to, LOW_WIDTH, width - LOW_WIDTH);
    }
  }
  return next;
};

/** Writes `width` (at most MAXIMUM_DIRECT_WIDTH) bits, from bit `shift` on, of each zigzag residual. */
const writeBits = (
  out: Uint8Array,
  offset: number,
  residuals: Int32Array,
  from: number,
  to: number,
  shift: number,
  width: number,
): number => {
  const mask = (1 << width) - 1;
  let next = offset;
  let waiting = 0;
  let waitingBits = 0;
  for (let index = from; index < to; index++) {
    waiting |= ((zigzag(residuals[index]) >>> shift) & mask) << waitingBits;
    waitingBits += width;
    while (waitingBits >= 8) {
      out[next++] = waiting;
      waiting >>>= 8;
      waitingBits -= 8;
    }
  }
  if (waitingBits > 0) out[next++] = waiting;
  return next;
};

/** Reads `count` residuals to `into[at]` and on. */
export const readPacked = (reader: ByteReader, into: Int32Array, at: number, count: number): void => {
  const { bytes } = reader;
  const base = readByte(reader);
  const nibbles = reader.offset;
  const blocks = blockCount(count);
  reader.offset += (blocks + 1) >> 1;
  if (reader.offset > bytes.length) throw endsEarly();
  for (let block = 0; block < blocks; block++) {
    const from = at + block * BLOCK;
    const to = Math.min(at + count, from + BLOCK);
    const nibble = (bytes[nibbles + (block >> 1)] >> ((block & 1) << 2)) & 0x0f;
    if (nibble === 0) {
      for (let index = from; index < to; index++) into[index] = 0;
      continue;
    }
    const width = nibble === EXPLICIT ? readByte(reader) : base + nibble;
    if (width <= MAXIMUM_DIRECT_WIDTH) readBits(reader, into, from, to, width);
    else {
      if (width > 32) throw new SegmentError("a column's difference is wider than 32 bits");
      readWideBits(reader, into, from, to, width);
    }
  }
};

const readBits = (reader: ByteReader, into: Int32Array, from: number, to: number, width: number): void => {
  const { bytes } = reader;
  let { offset } = reader;
  reader.offset += blockBytes(to - from, width);
  if (reader.offset > bytes.length) throw endsEarly();
  const mask = (1 << width) - 1;
  let waiting = 0;
  let waitingBits = 0;
  for (let index = from; index < to; index++) {
    while (waitingBits < width) {
      waiting |= bytes[offset++] << waitingBits;
      waitingBits += 8;
    }
    into[index] = unzigzag(waiting & mask);
    waiting >>>= width;
    waitingBits -= width;
  }
};

const lowBits = new Int32Array(BLOCK);
const highBits = new Int32Array(BLOCK);

const readWideBits = (
  reader: ByteReader,
  into: Int32Array,
  from: number,
  to: number,
  width: number,
): void => {
  const count = to - from;
  readBits(reader, lowBits, 0, count, LOW_WIDTH);
  readBits(reader, highBits, 0, count, width - LOW_WIDTH);
  for (let index = 0; index < count; index++) {
    into[from + index] = unzigzag(zigzag(lowBits[index]) | (zigzag(highBits[index]) << LOW_WIDTH));
  }
};
