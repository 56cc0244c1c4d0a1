import { ABSENT } from "../position/position.ts";
import { zigzag } from "../segment/column-format.ts";
import { VARINT_BYTES } from "../segment/varint.ts";

/** A column's header and first value, and what a step may add beyond the bytes that smaller differences win back. */
const COLUMN_BYTES = 1 + 5 + 1;

/** Runs of unchanged values are counted up to this; longer ones are not measured exactly. */
export const LONGEST_RUN = 4096;

/** What a run of unchanged values adds to the token of a sparse coding: nothing up to 14 of them. */
const RUN_BYTES = Uint8Array.from({ length: LONGEST_RUN + 1 }, (_, zeros) =>
  zeros < 15 ? 0 : VARINT_BYTES[Math.clz32(zeros - 15)],
);

/** The same at the end of a column, where it needs a token of its own. */
const TRAILING_BYTES = RUN_BYTES.map((bytes, zeros) => (zeros === 0 ? 0 : 1 + bytes));

const tokenBytes = (zeros: number, zigzagged: number): number =>
  1 + RUN_BYTES[zeros] + (zigzagged >>> 4 === 0 ? 0 : VARINT_BYTES[Math.clz32(zigzagged - 16)]);

/**
 * A sparse coding that is so much larger than the packed one at the end of a block is not followed further: the bound stays
 * one, and noisy columns, which are most, take half the time.
 */
const SPARSE_LEAD_BYTES = 16;
const HOPELESS = 1 << 24;

/** The widest block that needs no byte of its own for its width, whatever the other blocks are. */
const WIDEST_BY_NIBBLE = 14;

const blockBytes = (count: number, width: number): number =>
  ((count * width + 7) >> 3) + (width > WIDEST_BY_NIBBLE ? 1 : 0);

/** What a block takes, by its residuals less one and the leading zeros of all of them or-ed together. */
const BLOCK_BYTES = Uint8Array.from({ length: 8 << 6 }, (_, key) =>
  blockBytes((key >> 6) + 1, Math.max(0, 32 - (key & 63))),
);
const FULL_BLOCK = 7 << 6;

/** The base and the first nibble; then a byte for two blocks. */
const FIRST_HEADER_BYTES = 2;
const headerBytes = (residuals: number): number => ((residuals & 15) === 1 && residuals > 1 ? 1 : 0);

/**
 * What encodeColumn makes of a column that grows by a value at a time, at most: the sums of what its codings would
 * take, of which it chooses the least.
 */
export class ColumnSize {
  private count = 0;
  private present = 0;
  private last = 0;
  private delta = 0;
  private firstDeltaBytes = 0;
  // The header and the blocks that are full, and the zigzag residuals of the one that is not, of both orders.
  private packed = FIRST_HEADER_BYTES;
  private bits = 0;
  private packedSecond = FIRST_HEADER_BYTES;
  private bitsSecond = 0;
  private sparse = 0;
  private zeros = 0;
  private sparseSecond = 0;
  private zerosSecond = 0;

  reset(): void {
    this.count = 0;
    this.present = 0;
    this.last = 0;
    this.delta = 0;
    this.firstDeltaBytes = 0;
    this.packed = FIRST_HEADER_BYTES;
    this.bits = 0;
    this.packedSecond = FIRST_HEADER_BYTES;
    this.bitsSecond = 0;
    this.sparse = 0;
    this.zeros = 0;
    this.sparseSecond = 0;
    this.zerosSecond = 0;
  }

  /**
   * Goes on with values `from` (inclusive) to `to` (exclusive), and adds to `sums[index - from]` how many bytes the
   * column takes up to that one.
   */
  extend(values: Int32Array, from: number, to: number, sums: Int32Array): void {
    let { count, present, last, packed, bits, sparse, zeros } = this;
    for (let index = from; index < to; index++) {
      const value = values[index];
      count++;
      if (value !== ABSENT) {
        if (present > 0) {
          const zigzagged = zigzag((value - last) | 0);
          if ((present & 7) === 1) {
            packed += BLOCK_BYTES[FULL_BLOCK | Math.clz32(bits)] + headerBytes(present);
            bits = 0;
            if (sparse > packed + SPARSE_LEAD_BYTES) sparse = HOPELESS;
          }
          bits |= zigzagged;
          if (zigzagged === 0) zeros++;
          else if (sparse !== HOPELESS) {
            sparse += tokenBytes(zeros, zigzagged);
            zeros = 0;
          }
        }
        present++;
        last = value;
      }
      if (present === 0) continue;
      let changes = 0;
      if (sparse > 0) {
        const open = BLOCK_BYTES[(((present - 2) & 7) << 6) | Math.clz32(bits)];
        changes = Math.min(packed + open, sparse + TRAILING_BYTES[zeros]);
      }
      sums[index - from] += COLUMN_BYTES + changes + (present === count ? 0 : (count + 7) >> 3);
    }
    this.count = count;
    this.present = present;
    this.last = last;
    this.packed = packed;
    this.bits = bits;
    this.sparse = sparse;
    this.zeros = zeros;
  }

  /** The same for a column without absent values that changes steadily: differences of differences count too. */
  extendSteady(values: Int32Array, from: number, to: number, sums: Int32Array): void {
    let { count, last, delta, firstDeltaBytes, packed, bits, packedSecond, bitsSecond } = this;
    let { sparse, zeros, sparseSecond, zerosSecond } = this;
    for (let index = from; index < to; index++) {
      const value = values[index];
      if (count === 0) {
        sums[index - from] += COLUMN_BYTES;
      } else {
        const change = (value - last) | 0;
        const first = zigzag(change);
        if (count === 1) {
          firstDeltaBytes = VARINT_BYTES[Math.clz32(first)];
          delta = change;
        }
        const second = zigzag((change - delta) | 0);
        delta = change;
        if ((count & 7) === 1) {
          const header = headerBytes(count);
          packed += BLOCK_BYTES[FULL_BLOCK | Math.clz32(bits)] + header;
          packedSecond += BLOCK_BYTES[FULL_BLOCK | Math.clz32(bitsSecond)] + header;
          bits = 0;
          bitsSecond = 0;
          if (sparse > packed + SPARSE_LEAD_BYTES) sparse = HOPELESS;
          if (sparseSecond > packedSecond + SPARSE_LEAD_BYTES) sparseSecond = HOPELESS;
        }
        bits |= first;
        bitsSecond |= second;
        if (first === 0) zeros++;
        else if (sparse !== HOPELESS) {
          sparse += tokenBytes(zeros, first);
          zeros = 0;
        }
        if (second === 0) zerosSecond++;
        else if (sparseSecond !== HOPELESS) {
          sparseSecond += tokenBytes(zerosSecond, second);
          zerosSecond = 0;
        }
        const open = ((count - 1) & 7) << 6;
        const openBytes = BLOCK_BYTES[open | Math.clz32(bits)];
        const openSecondBytes = BLOCK_BYTES[open | Math.clz32(bitsSecond)];
        const byFirst = Math.min(packed + openBytes, sparse + TRAILING_BYTES[zeros]);
        const bySecond =
          firstDeltaBytes +
          Math.min(packedSecond + openSecondBytes, sparseSecond + TRAILING_BYTES[zerosSecond]);
        sums[index - from] += COLUMN_BYTES + Math.min(byFirst, bySecond);
      }
      count++;
      last = value;
    }
    this.count = count;
    this.present = count;
    this.last = last;
    this.delta = delta;
    this.firstDeltaBytes = firstDeltaBytes;
    this.packed = packed;
    this.bits = bits;
    this.packedSecond = packedSecond;
    this.bitsSecond = bitsSecond;
    this.sparse = sparse;
    this.zeros = zeros;
    this.sparseSecond = sparseSecond;
    this.zerosSecond = zerosSecond;
  }
}
