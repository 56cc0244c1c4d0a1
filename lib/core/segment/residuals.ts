import { zigzag } from "./column-format.ts";
import { BLOCK, blockCount, packedSize, widthOf } from "./packed.ts";

const WHOLE_BLOCKS = -BLOCK;

/**
 * The residuals of a column in one order, zigzag, and what decides how they are coded. Overwritten column by column,
 * because an object per column would be garbage.
 */
export class Residuals {
  /** Zeros follow up to the end of the last block. */
  values = new Int32Array(1024);
  /** Of each block. */
  widths = new Uint8Array(1024 / BLOCK);
  count = 0;
  /** What writePacked takes for them. */
  packedBytes = 0;
  /** What writeSparse takes at least: a byte for each that is not 0, and one more where a nibble can't hold it. */
  leastSparseBytes = 0;

  /**
   * Takes the `count` differences of the values from `values[from]` on, or with `isSecond` the differences of those, of
   * which the first is 0; divided by `step`, which divides all of them.
   */
  measure(values: Int32Array, from: number, count: number, step: number, isSecond: boolean): void {
    this.reserve(count);
    const { values: into, widths } = this;
    // Without a remainder a division is a shift and a multiplication modulo 2^32, at a tenth of its time.
    const shift = 31 - Math.clz32(step & -step);
    const inverse = inverseOf(step >>> shift);
    const kept = isSecond ? -1 : 0;
    let before = values[from];
    let deltaBefore = (values[from + 1] - before) & kept;
    let least = 0;
    for (let start = 0; start < count; start += BLOCK) {
      const end = Math.min(count, start + BLOCK);
      let bits = 0;
      for (let index = start; index < end; index++) {
        const value = values[from + index + 1];
        const delta = (value - before) | 0;
        const residual = zigzag(Math.imul(((delta - deltaBefore) | 0) >> shift, inverse));
        before = value;
        deltaBefore = delta & kept;
        into[index] = residual;
        bits |= residual;
        least += isAny(residual) + isAny(residual >>> 4);
      }
      widths[start / BLOCK] = widthOf(bits);
    }
    into.fill(0, count, (count + BLOCK - 1) & WHOLE_BLOCKS);
    this.count = count;
    this.leastSparseBytes = least;
    this.packedBytes = packedSize(widths, count);
  }

  private reserve(count: number): void {
    if (this.values.length >= count) return;
    this.values = new Int32Array((2 * count + BLOCK) & WHOLE_BLOCKS);
    this.widths = new Uint8Array(blockCount(this.values.length));
  }
}

/** 1 where any bit is set, else 0: without a branch, which noise would mispredict. */
const isAny = (value: number): number => (value | -value) >>> 31;

/** What an odd number times makes 1 modulo 2^32. Each round of Newton's method doubles the bits that are right, 3 at first. */
const inverseOf = (odd: number): number => {
  if (odd === 1) return 1;
  let inverse = odd;
  for (let bits = 3; bits < 32; bits *= 2) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
};
