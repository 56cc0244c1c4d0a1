import { ABSENT } from "../position/position.ts";
import { zigzag } from "./column-format.ts";
import { ResidualSize } from "./residual-size.ts";
import { signedSize } from "./varint.ts";

/** A column's header, and what a step may add beyond the bytes that smaller differences win back. */
const COLUMN_BYTES = 1 + 1;

// Measuring never awaits, so one set of scratch memory serves every call.
let residuals = new Int32Array(64);
let seconds = new Int32Array(64);

/**
 * What encodeColumn makes of a column that grows, at most: what its codings would take, of which it chooses
 * the least.
 */
export class ColumnSize {
  private count = 0;
  private present = 0;
  private last = 0;
  private lastDelta = 0;
  private firstValueBytes = 0;
  private firstDeltaBytes = 0;
  private readonly first = new ResidualSize();
  private readonly second = new ResidualSize();
  /** Differences of differences are measured too: worth it where a value changes steadily. */
  private readonly isSteady: boolean;

  constructor(isSteady: boolean) {
    this.isSteady = isSteady;
  }

  reset(): void {
    this.count = 0;
    this.present = 0;
    this.last = 0;
    this.lastDelta = 0;
    this.firstValueBytes = 0;
    this.firstDeltaBytes = 0;
    this.first.reset();
    this.second.reset();
  }

  copy(other: ColumnSize): void {
    this.count = other.count;
    this.present = other.present;
    this.last = other.last;
    this.lastDelta = other.lastDelta;
    this.firstValueBytes = other.firstValueBytes;
    this.firstDeltaBytes = other.firstDeltaBytes;
    this.first.copy(other.first);
    if (this.isSteady) this.second.copy(other.second);
  }

  get bytes(): number {
    const { count, present, first, second, firstValueBytes, firstDeltaBytes, isSteady } = this;
    if (present === 0) return 0;
    const leading = COLUMN_BYTES + firstValueBytes + (present === count ? 0 : (count + 7) >> 3);
    if (first.isConstant) return leading;
    const byFirst = first.bytes;
    return leading + (isSteady ? Math.min(byFirst, firstDeltaBytes + second.bytes) : byFirst);
  }

  /** Continues with values `from` (inclusive) to `to` (exclusive). */
  extend(values: Int32Array, from: number, to: number): void {
    if (residuals.length < to - from) {
      residuals = new Int32Array(2 * (to - from));
      seconds = new Int32Array(2 * (to - from));
    }
    this.count += to - from;
    if (this.isSteady) this.extendSteady(values, from, to);
    else this.extendAny(values, from, to);
  }

  private extendAny(values: Int32Array, from: number, to: number): void {
    // Module variables are slow to reach from a loop.
    const into = residuals;
    let { present, last } = this;
    let index = from;
    if (present === 0) {
      while (index < to && values[index] === ABSENT) index++;
      if (index === to) return;
      last = values[index++];
      present = 1;
      this.firstValueBytes = signedSize(last);
    }
    const changeAt = endOfRun(values, index, to, last);
    this.first.extendZeros(changeAt - index);
    present += changeAt - index;
    let length = 0;
    for (index = changeAt; index < to; index++) {
      const value = values[index];
      if (value === ABSENT) continue;
      into[length++] = zigzag((value - last) | 0);
      last = value;
    }
    this.present = present + length;
    this.last = last;
    this.first.extend(into, length);
  }

  /** No value is absent. */
  private extendSteady(values: Int32Array, from: number, to: number): void {
    const into = residuals;
    const intoSecond = seconds;
    let { present, last, lastDelta } = this;
    let index = from;
    if (present === 0) {
      last = values[index++];
      present = 1;
      this.firstValueBytes = signedSize(last);
    }
    if (present === 1 && index < to) {
      lastDelta = (values[index] - last) | 0;
      this.firstDeltaBytes = signedSize(lastDelta);
    }
    let length = 0;
    for (; index < to; index++) {
      const value = values[index];
      const delta = (value - last) | 0;
      into[length] = zigzag(delta);
      intoSecond[length++] = zigzag((delta - lastDelta) | 0);
      last = value;
      lastDelta = delta;
    }
    this.present = present + length;
    this.last = last;
    this.lastDelta = lastDelta;
    this.first.extend(into, length);
    this.second.extend(intoSecond, length);
  }
}

/** Behind the values that equal `value`. */
const endOfRun = (values: Int32Array, from: number, to: number, value: number): number => {
  let index = from;
  while (index < to && values[index] === value) index++;
  return index;
};
