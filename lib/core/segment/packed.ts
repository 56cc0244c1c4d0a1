import { SegmentError } from "../errors.ts";
import { unzigzag, zigzag } from "./column-format.ts";
import { type ByteReader, type ByteWriter, endsEarly, readByte } from "./varint.ts";

// Residuals in blocks of 8. A block is as wide as its largest residual, so 8 residuals of w bits take exactly
// w bytes. This adapts to a vehicle that stands and moves within one segment: on drives it is 15 % smaller
// than varints, and faster.
//
//   base                 one byte
//   a nibble per block   0: all are 0; 1 to 14: the width less the base; 15: the width is a byte before
//                        the block
//   the blocks           zigzag residuals, lowest bits first; wider than 24 bits: the low 16 bits,
//                        then the rest

export const BLOCK = 8;
const EXPLICIT = 15;
// Bits move in words of 32: so many residuals as fit one beside the bits that wait for a whole byte. Two
// times 13 bits fit although 6 wait, as then nothing comes after them.
const WIDEST_OF_FOUR = 7;
const WIDEST_OF_TWO = 13;
const MAXIMUM_DIRECT_WIDTH = 24;
const LOW_WIDTH = 16;
const LOW_MASK = 0xffff;
const WHOLE_BYTES = 0b1_1000;

export const blockCount = (count: number): number => (count + BLOCK - 1) >> 3;
const blockBytes = (count: number, width: number): number => (count * width + 7) >> 3;
const residualsPerWord = (width: number): number =>
  width <= WIDEST_OF_FOUR ? 4 : width <= WIDEST_OF_TWO ? 2 : 1;

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

/** Zigzag residuals, filled up with zeros to the end of the last block, and the width of each block. */
export interface BlockResiduals {
  readonly values: Int32Array;
  readonly widths: Uint8Array;
  readonly count: number;
}

/** Returns the offset after the residuals. */
export const writePacked = (
  out: ByteWriter,
  offset: number,
  { values, widths, count }: BlockResiduals,
): number => {
  const { bytes, view } = out;
  const blocks = blockCount(count);
  const base = baseOf(widths, blocks);
  bytes[offset] = base;
  const nibbles = offset + 1;
  let next = nibbles + ((blocks + 1) >> 1);
  bytes.fill(0, nibbles, next);
  for (let block = 0; block < blocks; block++) {
    const width = widths[block];
    if (width === 0) continue;
    const nibble = Math.min(width - base, EXPLICIT);
    bytes[nibbles + (block >> 1)] |= nibble << ((block & 1) << 2);
    if (nibble === EXPLICIT) bytes[next++] = width;
    const from = block * BLOCK;
    if (width <= MAXIMUM_DIRECT_WIDTH) writeBits(view, next, values, from, width);
    else writeWideBits(view, next, values, from, Math.min(BLOCK, count - from), width);
    next += blockBytes(Math.min(BLOCK, count - from), width);
  }
  return next;
};

/**
 * Writes `width` (at most MAXIMUM_DIRECT_WIDTH) bits of each residual of a whole block; there are no more
 * than these.
 */
const writeBits = (view: DataView, offset: number, values: Int32Array, from: number, width: number): void => {
  const perWord = residualsPerWord(width);
  let next = offset;
  let waiting = 0;
  let waitingBits = 0;
  for (let index = from; index < from + BLOCK; index += perWord) {
    let word = values[index];
    if (perWord > 1) word |= values[index + 1] << width;
    if (perWord > 2) word |= (values[index + 2] | (values[index + 3] << width)) << (2 * width);
    waiting |= word << waitingBits;
    view.setInt32(next, waiting, true);
    waitingBits += perWord * width;
    next += waitingBits >> 3;
    waiting >>>= waitingBits & WHOLE_BYTES;
    waitingBits &= 7;
  }
};

const lowBits = new Int32Array(BLOCK);
const highBits = new Int32Array(BLOCK);

const writeWideBits = (
  view: DataView,
  offset: number,
  values: Int32Array,
  from: number,
  count: number,
  width: number,
): void => {
  for (let index = 0; index < BLOCK; index++) {
    lowBits[index] = values[from + index] & LOW_MASK;
    highBits[index] = values[from + index] >>> LOW_WIDTH;
  }
  writeBits(view, offset, lowBits, 0, LOW_WIDTH);
  writeBits(view, offset + blockBytes(count, LOW_WIDTH), highBits, 0, width - LOW_WIDTH);
};

/** Reads `count` residuals to `into[at]` and on. */
export const readPacked = (reader: ByteReader, into: Int32Array, at: number, count: number): void => {
  const { bytes, view, end } = reader;
  const base = readByte(reader);
  const nibbles = reader.offset;
  const blocks = blockCount(count);
  reader.offset += (blocks + 1) >> 1;
  if (reader.offset > end) throw endsEarly();
  for (let block = 0; block < blocks; block++) {
    const from = at + block * BLOCK;
    const to = Math.min(at + count, from + BLOCK);
    const nibble = (bytes[nibbles + (block >> 1)] >> ((block & 1) << 2)) & 0x0f;
    if (nibble === 0) {
      for (let index = from; index < to; index++) into[index] = 0;
      continue;
    }
    const width = nibble === EXPLICIT ? readByte(reader) : base + nibble;
    if (width > 32) throw new SegmentError("a column's difference is wider than 32 bits");
    const { offset } = reader;
    reader.offset += blockBytes(to - from, width);
    if (reader.offset > end) throw endsEarly();
    if (width <= MAXIMUM_DIRECT_WIDTH && to - from === BLOCK) readBits(view, offset, into, from, width);
    else {
      readUnevenBlock(view, offset, to - from, width);
      for (let index = from; index < to; index++) into[index] = lowBits[index - from];
    }
  }
};

/** Reads a whole block, `width` (at most MAXIMUM_DIRECT_WIDTH) bits of each residual. */
const readBits = (view: DataView, offset: number, into: Int32Array, from: number, width: number): void => {
  const perWord = residualsPerWord(width);
  const mask = (1 << width) - 1;
  let bit = offset << 3;
  for (let index = from; index < from + BLOCK; index += perWord) {
    const word = view.getInt32(bit >> 3, true) >>> (bit & 7);
    into[index] = unzigzag(word & mask);
    if (perWord > 1) into[index + 1] = unzigzag((word >>> width) & mask);
    if (perWord > 2) {
      into[index + 2] = unzigzag((word >>> (2 * width)) & mask);
      into[index + 3] = unzigzag((word >>> (3 * width)) & mask);
    }
    bit += perWord * width;
  }
};

/** Reads a block that is wide or not whole to `lowBits`. */
const readUnevenBlock = (view: DataView, offset: number, count: number, width: number): void => {
  if (width <= MAXIMUM_DIRECT_WIDTH) {
    readBits(view, offset, lowBits, 0, width);
    return;
  }
  readBits(view, offset, lowBits, 0, LOW_WIDTH);
  readBits(view, offset + blockBytes(count, LOW_WIDTH), highBits, 0, width - LOW_WIDTH);
  for (let index = 0; index < BLOCK; index++) {
    lowBits[index] = unzigzag(zigzag(lowBits[index]) | (zigzag(highBits[index]) << LOW_WIDTH));
  }
};
