import { unzigzag, zigzag } from "./column-format.ts";
import { BLOCK, blockCount, packedSize, widthOf } from "./packed.ts";

const WHOLE_BLOCKS = -BLOCK;

/**
 * What a token takes at least, by the leading zero bits of its residual: none for 0, one without more up to 4
 * bits.
 */
const LEAST_TOKEN_BYTES = Uint8Array.from({ length: 33 }, (_, zeros) =>
  zeros === 32 ? 0 : zeros >= 28 ? 1 : 1 + Math.ceil(Math.max(1, 31 - zeros) / 7),
);

const leastTokenBytes = (residual: number): number => LEAST_TOKEN_BYTES[Math.clz32(residual)];

/**
 * The residuals of a column in one order, zigzag, and what decides how they are coded. Overwritten column by
 * column, because an object per column would be garbage.
 */
export class Residuals {
  /** Zeros follow up to the end of the last block. */
  values = new Int32Array(1024);
  /** Of each block. */
  widths = new Uint8Array(1024 / BLOCK);
  count = 0;
  /** What writePacked takes for them. */
  packedBytes = 0;
  /** What writeSparse takes at least: the zeros between may take more. */
  leastSparseBytes = 0;

  /**
   * Takes the `count` differences of the values from `values[from]` on, or with `isSecond` the differences of
   * those, of which the first is 0; divided by `step`, which divides all of them.
   */
  measure(values: Int32Array, from: number, count: number, step: number, isSecond: boolean): void {
    this.reserve(count);
    this.count = count;
    this.leastSparseBytes = 0;
    const inBlocks = count & WHOLE_BLOCKS;
    if (isSecond) this.takeSeconds(values, from, inBlocks);
    else this.takeFirsts(values, from, inBlocks);
    this.takeRest(values, from, inBlocks, isSecond);
    if (step !== 1) this.divide(step);
    this.packedBytes = packedSize(this.widths, count);
  }

  // The two loops that take most of encoding: a block at a time in plain sight, which halves the time of a
  // loop over it.

  private takeFirsts(values: Int32Array, from: number, count: number): void {
    const { values: into, widths } = this;
    let least = 0;
    let before = values[from];
    for (let at = 0, next = from + 1; at < count; at += BLOCK, next += BLOCK) {
      const value0 = values[next];
      const value1 = values[next + 1];
      const value2 = values[next + 2];
      const value3 = values[next + 3];
      const value4 = values[next + 4];
      const value5 = values[next + 5];
      const value6 = values[next + 6];
      const value7 = values[next + 7];
      const residual0 = zigzag((value0 - before) | 0);
      const residual1 = zigzag((value1 - value0) | 0);
      const residual2 = zigzag((value2 - value1) | 0);
      const residual3 = zigzag((value3 - value2) | 0);
      const residual4 = zigzag((value4 - value3) | 0);
      const residual5 = zigzag((value5 - value4) | 0);
      const residual6 = zigzag((value6 - value5) | 0);
      const residual7 = zigzag((value7 - value6) | 0);
      before = value7;
      into[at] = residual0;
      into[at + 1] = residual1;
      into[at + 2] = residual2;
      into[at + 3] = residual3;
      into[at + 4] = residual4;
      into[at + 5] = residual5;
      into[at + 6] = residual6;
      into[at + 7] = residual7;
      least +=
        leastTokenBytes(residual0) +
        leastTokenBytes(residual1) +
        leastTokenBytes(residual2) +
        leastTokenBytes(residual3) +
        leastTokenBytes(residual4) +
        leastTokenBytes(residual5) +
        leastTokenBytes(residual6) +
        leastTokenBytes(residual7);
      widths[at >> 3] = widthOf(
        residual0 | residual1 | residual2 | residual3 | residual4 | residual5 | residual6 | residual7,
      );
    }
    this.leastSparseBytes += least;
  }

  private takeSeconds(values: Int32Array, from: number, count: number): void {
    const { values: into, widths } = this;
    let least = 0;
    let before = values[from];
    let deltaBefore = (values[from + 1] - before) | 0;
    for (let at = 0, next = from + 1; at < count; at += BLOCK, next += BLOCK) {
      const value0 = values[next];
      const value1 = values[next + 1];
      const value2 = values[next + 2];
      const value3 = values[next + 3];
      const value4 = values[next + 4];
      const value5 = values[next + 5];
      const value6 = values[next + 6];
      const value7 = values[next + 7];
      const delta0 = (value0 - before) | 0;
      const delta1 = (value1 - value0) | 0;
      const delta2 = (value2 - value1) | 0;
      const delta3 = (value3 - value2) | 0;
      const delta4 = (value4 - value3) | 0;
      const delta5 = (value5 - value4) | 0;
      const delta6 = (value6 - value5) | 0;
      const delta7 = (value7 - value6) | 0;
      const residual0 = zigzag((delta0 - deltaBefore) | 0);
      const residual1 = zigzag((delta1 - delta0) | 0);
      const residual2 = zigzag((delta2 - delta1) | 0);
      const residual3 = zigzag((delta3 - delta2) | 0);
      const residual4 = zigzag((delta4 - delta3) | 0);
      const residual5 = zigzag((delta5 - delta4) | 0);
      const residual6 = zigzag((delta6 - delta5) | 0);
      const residual7 = zigzag((delta7 - delta6) | 0);
      before = value7;
      deltaBefore = delta7;
      into[at] = residual0;
      into[at + 1] = residual1;
      into[at + 2] = residual2;
      into[at + 3] = residual3;
      into[at + 4] = residual4;
      into[at + 5] = residual5;
      into[at + 6] = residual6;
      into[at + 7] = residual7;
      least +=
        leastTokenBytes(residual0) +
        leastTokenBytes(residual1) +
        leastTokenBytes(residual2) +
        leastTokenBytes(residual3) +
        leastTokenBytes(residual4) +
        leastTokenBytes(residual5) +
        leastTokenBytes(residual6) +
        leastTokenBytes(residual7);
      widths[at >> 3] = widthOf(
        residual0 | residual1 | residual2 | residual3 | residual4 | residual5 | residual6 | residual7,
      );
    }
    this.leastSparseBytes += least;
  }

  /** The last block, which is not whole, filled up with zeros. */
  private takeRest(values: Int32Array, from: number, at: number, isSecond: boolean): void {
    const { values: into, count } = this;
    if (at === count) return;
    let bits = 0;
    for (let index = at; index < at + BLOCK; index++) {
      const residual = index < count ? residualAt(values, from, index, isSecond) : 0;
      into[index] = residual;
      bits |= residual;
      this.leastSparseBytes += leastTokenBytes(residual);
    }
    this.widths[at >> 3] = widthOf(bits);
  }

  /** Without a remainder a division is a shift and a multiplication modulo 2^32, at a tenth of its time. */
  private divide(step: number): void {
    const { values, widths, count } = this;
    const shift = 31 - Math.clz32(step & -step);
    const inverse = inverseOf(step >>> shift);
    let least = 0;
    for (let at = 0; at < count; at += BLOCK) {
      if (widths[at >> 3] === 0) continue;
      let bits = 0;
      for (let index = at; index < at + BLOCK; index++) {
        const residual = zigzag(Math.imul(unzigzag(values[index]) >> shift, inverse));
        values[index] = residual;
        bits |= residual;
        least += leastTokenBytes(residual);
      }
      widths[at >> 3] = widthOf(bits);
    }
    this.leastSparseBytes = least;
  }

  private reserve(count: number): void {
    if (this.values.length >= count) return;
    this.values = new Int32Array((2 * count + BLOCK) & WHOLE_BLOCKS);
    this.widths = new Uint8Array(blockCount(this.values.length));
  }
}

const residualAt = (values: Int32Array, from: number, index: number, isSecond: boolean): number => {
  const at = from + index;
  const delta = (values[at + 1] - values[at]) | 0;
  if (!isSecond) return zigzag(delta);
  return index === 0 ? 0 : zigzag((delta - (values[at] - values[at - 1])) | 0);
};

/**
 * What an odd number times makes 1 modulo 2^32. Each round of Newton's method doubles the bits that are
 * right, 3 at first.
 */
const inverseOf = (odd: number): number => {
  if (odd === 1) return 1;
  let inverse = odd;
  for (let bits = 3; bits < 32; bits *= 2) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
};
