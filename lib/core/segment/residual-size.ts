import { BLOCK } from "./packed.ts";
import { VARINT_BYTES } from "./varint.ts";

/** Runs of unchanged values are measured up to this length; a tail is shorter. */
const LONGEST_RUN = 4096;

/** What a run of zeros adds to the token of a sparse coding: nothing up to 14 of them. */
const RUN_BYTES = Uint8Array.from({ length: LONGEST_RUN + 1 }, (_, zeros) =>
  zeros < 15 ? 0 : VARINT_BYTES[Math.clz32(zeros - 15)],
);

/** The same at the end of a column, where it needs a token of its own. */
const TRAILING_BYTES = RUN_BYTES.map((bytes, zeros) => (zeros === 0 ? 0 : 1 + bytes));

const tokenBytes = (zeros: number, zigzagged: number): number =>
  1 + RUN_BYTES[zeros] + (zigzagged >>> 4 === 0 ? 0 : VARINT_BYTES[Math.clz32(zigzagged - 16)]);

/**
 * A sparse coding that is so much larger than the packed one at the end of a block is not followed further:
 * the bound stays one, and noisy columns, which are most, take half the time.
 */
const SPARSE_LEAD_BYTES = 4;
const HOPELESS = 1 << 24;

/** The widest block that needs no byte of its own for its width, whatever the other blocks are. */
const WIDEST_BY_NIBBLE = 14;

const blockBytes = (count: number, width: number): number =>
  ((count * width + 7) >> 3) + (width > WIDEST_BY_NIBBLE ? 1 : 0);

/** What a block takes, by its residuals less one and the leading zeros of all of them or-ed together. */
const BLOCK_BYTES = Uint8Array.from({ length: BLOCK << 6 }, (_, key) =>
  blockBytes((key >> 6) + 1, Math.max(0, 32 - (key & 63))),
);
const FULL_BLOCK = (BLOCK - 1) << 6;

/** What zigzag residuals take at most, packed or sparse, as more of them come. */
export class ResidualSize {
  private count = 0;
  /** The blocks that are full. */
  private packed = 0;
  /** The residuals of the block that is not full, or-ed together. */
  private bits = 0;
  /** Up to the last residual that is not 0. */
  private sparse = 0;
  /** Since then. */
  private zeros = 0;

  reset(): void {
    this.count = 0;
    this.packed = 0;
    this.bits = 0;
    this.sparse = 0;
    this.zeros = 0;
  }

  copy(other: ResidualSize): void {
    this.count = other.count;
    this.packed = other.packed;
    this.bits = other.bits;
    this.sparse = other.sparse;
    this.zeros = other.zeros;
  }

  get isConstant(): boolean {
    return this.sparse === 0;
  }

  get bytes(): number {
    const { count, packed, bits, sparse, zeros } = this;
    if (count === 0) return 0;
    const rest = count & (BLOCK - 1);
    const open = rest === 0 ? 0 : BLOCK_BYTES[((rest - 1) << 6) | Math.clz32(bits)];
    // The base, and a nibble for each block.
    const header = 1 + ((count + 2 * BLOCK - 1) >> 4);
    return Math.min(header + packed + open, sparse + TRAILING_BYTES[zeros]);
  }

  /** Continues with so many residuals that are 0. */
  extendZeros(length: number): void {
    const isBlockEnded = (this.count & (BLOCK - 1)) + length >= BLOCK;
    this.count += length;
    this.zeros += length;
    if (isBlockEnded) this.endBlock();
  }

  private endBlock(): void {
    this.packed += BLOCK_BYTES[FULL_BLOCK | Math.clz32(this.bits)];
    this.bits = 0;
    if (this.sparse > this.packed + SPARSE_LEAD_BYTES) this.sparse = HOPELESS;
  }

  /** Continues with the first `length` of some residuals. */
  extend(residuals: Int32Array, length: number): void {
    let { packed, bits, sparse, zeros } = this;
    let room = BLOCK - (this.count & (BLOCK - 1));
    for (let from = 0; from < length; ) {
      const to = Math.min(length, from + room);
      let changed = 0;
      for (let index = from; index < to; index++) changed |= residuals[index];
      bits |= changed;
      if (changed === 0) zeros += to - from;
      else if (sparse !== HOPELESS) {
        for (let index = from; index < to; index++) {
          const zigzagged = residuals[index];
          if (zigzagged === 0) {
            zeros++;
          } else {
            sparse += tokenBytes(zeros, zigzagged);
            zeros = 0;
          }
        }
      }
      room -= to - from;
      from = to;
      if (room > 0) break;
      packed += BLOCK_BYTES[FULL_BLOCK | Math.clz32(bits)];
      bits = 0;
      room = BLOCK;
      if (sparse > packed + SPARSE_LEAD_BYTES) sparse = HOPELESS;
    }
    this.count += length;
    this.packed = packed;
    this.bits = bits;
    this.sparse = sparse;
    this.zeros = zeros;
  }
}
