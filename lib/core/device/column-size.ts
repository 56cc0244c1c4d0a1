import { ABSENT } from "../position/position.ts";

/** A column's header and first value, and what a step may add beyond the bytes that smaller differences win back. */
const COLUMN_BYTES = 1 + 5 + 1;

/** Runs of unchanged values are counted up to this; longer ones are not measured exactly. */
export const LONGEST_RUN = 4096;

/** Bytes of a varint by the count of its leading zero bits. */
const VARINT_BYTES = Uint8Array.from({ length: 33 }, (_, zeros) => Math.max(1, Math.ceil((32 - zeros) / 7)));

/** What a run of unchanged values adds to the token of a sparse coding: nothing up to 14 of them. */
const RUN_BYTES = Uint8Array.from({ length: LONGEST_RUN + 1 }, (_, zeros) =>
  zeros < 15 ? 0 : VARINT_BYTES[Math.clz32(zeros - 15)],
);

/** The same at the end of a column, where it needs a token of its own. */
const TRAILING_BYTES = RUN_BYTES.map((bytes, zeros) => (zeros === 0 ? 0 : 1 + bytes));

const zigzag = (delta: number): number => (delta << 1) ^ (delta >> 31);

const tokenBytes = (zeros: number, zigzagged: number): number =>
  1 + RUN_BYTES[zeros] + (zigzagged >>> 4 === 0 ? 0 : VARINT_BYTES[Math.clz32(zigzagged - 16)]);

/**
 * What encodeColumn makes of a column that grows by a value at a time, at most: the sums of what its codings would
 * take, of which it chooses the least.
 */
export class ColumnSize {
  private count = 0;
  private present = 0;
  private last = 0;
  private delta = 0;
  private dense = 0;
  private denseSecond = 0;
  private sparse = 0;
  private zeros = 0;
  private sparseSecond = 0;
  private zerosSecond = 0;

  reset(): void {
    this.count = 0;
    this.present = 0;
    this.last = 0;
    this.delta = 0;
    this.dense = 0;
    this.denseSecond = 0;
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
    let { count, present, last, dense, sparse, zeros } = this;
    for (let index = from; index < to; index++) {
      const value = values[index];
      count++;
      if (value !== ABSENT) {
        if (present++ > 0) {
          const zigzagged = zigzag((value - last) | 0);
          dense += VARINT_BYTES[Math.clz32(zigzagged)];
          if (zigzagged === 0) zeros++;
          else {
            sparse += tokenBytes(zeros, zigzagged);
            zeros = 0;
          }
        }
        last = value;
      }
      if (present === 0) continue;
      const changes = sparse === 0 ? 0 : Math.min(dense, sparse + TRAILING_BYTES[zeros]);
      sums[index - from] += COLUMN_BYTES + changes + (present === count ? 0 : (count + 7) >> 3);
    }
    this.count = count;
    this.present = present;
    this.last = last;
    this.dense = dense;
    this.sparse = sparse;
    this.zeros = zeros;
  }

  /** The same for a column without absent values that changes steadily: differences of differences count too. */
  extendSteady(values: Int32Array, from: number, to: number, sums: Int32Array): void {
    let { count, last, delta, dense, denseSecond, sparse, zeros, sparseSecond, zerosSecond } = this;
    for (let index = from; index < to; index++) {
      const value = values[index];
      if (count++ > 0) {
        const change = (value - last) | 0;
        const first = zigzag(change);
        const second = zigzag((change - delta) | 0);
        delta = change;
        dense += VARINT_BYTES[Math.clz32(first)];
        denseSecond += VARINT_BYTES[Math.clz32(second)];
        if (first === 0) zeros++;
        else {
          sparse += tokenBytes(zeros, first);
          zeros = 0;
        }
        if (second === 0) zerosSecond++;
        else {
          sparseSecond += tokenBytes(zerosSecond, second);
          zerosSecond = 0;
        }
      }
      last = value;
      const byFirst = Math.min(dense, sparse + TRAILING_BYTES[zeros]);
      const bySecond = Math.min(denseSecond, sparseSecond + TRAILING_BYTES[zerosSecond]);
      sums[index - from] += COLUMN_BYTES + Math.min(byFirst, bySecond);
    }
    this.count = count;
    this.present = count;
    this.last = last;
    this.delta = delta;
    this.dense = dense;
    this.denseSecond = denseSecond;
    this.sparse = sparse;
    this.zeros = zeros;
    this.sparseSecond = sparseSecond;
    this.zerosSecond = zerosSecond;
  }
}
