import { LATITUDE, LONGITUDE, POSITION_FIELDS } from "../position/position.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import { ColumnSize } from "./column-size.ts";

/**
 * A tail holds no more than this, however little its positions differ: a device that repeats itself costs nothing in
 * a segment, and still has to be loaded with every batch.
 */
export const MAXIMUM_TAIL_POSITIONS = 512;

/** Nor does it span more time, some 24 days: within it timestamps are a column of 32-bit integers like any other. */
export const MAXIMUM_TAIL_SPAN_MS = 0x7fff_ffff;

/** Version, count, the set of fields, and what the first timestamp takes beyond the 5 bytes of a column's first value. */
const SEGMENT_BYTES = 1 + 2 + 2 + 3;

/** Columns are measured so many positions at a time. */
const SMALLEST_BLOCK = 8;
const LARGEST_BLOCK = 64;
/** About what a position takes: it decides how far to look ahead, and nothing else. */
const LIKELY_BYTES_PER_POSITION = 10;

/**
 * An upper bound, within a few per cent, of what encodeSegment makes of a tail; it grows with the tail at a fraction of
 * the cost of encoding. It depends on the positions of the tail alone, never on how they came, so that sealing by it is
 * the same at every redelivery.
 */
export class TailSize {
  /** The bound of the tail so far. */
  bytes = 0;
  private count = 0;
  private firstTimestampMs = 0;
  private readonly timestamps = new ColumnSize();
  private readonly fields = POSITION_FIELDS.map(() => new ColumnSize());
  private readonly sums = new Int32Array(LARGEST_BLOCK);
  private readonly sinceFirst = new Int32Array(LARGEST_BLOCK);

  /** Begins again with an empty tail. */
  reset(): void {
    this.count = 0;
    this.bytes = 0;
    this.timestamps.reset();
    for (const field of this.fields) field.reset();
  }

  /**
   * Goes on with positions `from` (inclusive) to `to` (exclusive), which follow in time order. Returns the index of the
   * first one that the tail has no room for within `limitBytes`, and must then be reset; `to` when it has room for all.
   * There is always room for the first one.
   */
  extend(buffer: PositionBuffer, from: number, to: number, limitBytes: number): number {
    let index = from;
    while (index < to) {
      const end = Math.min(to, index + this.blockSize(limitBytes));
      const full = this.extendBlock(buffer, index, end, limitBytes);
      if (full < end) return full;
      index = end;
    }
    return to;
  }

  private blockSize(limitBytes: number): number {
    const room = (limitBytes - this.bytes) / LIKELY_BYTES_PER_POSITION;
    return room < SMALLEST_BLOCK ? SMALLEST_BLOCK : room > LARGEST_BLOCK ? LARGEST_BLOCK : room | 0;
  }

  private extendBlock(buffer: PositionBuffer, from: number, to: number, limitBytes: number): number {
    const end = this.withinSpan(buffer.timestampsMs, from, to);
    const { sums, sinceFirst, fields } = this;
    const length = end - from;
    sums.fill(SEGMENT_BYTES, 0, length);
    this.timestamps.extendSteady(sinceFirst, 0, length, sums);
    for (let column = 0; column < fields.length; column++) {
      const values = buffer.columns[column];
      if (column === LATITUDE || column === LONGITUDE) fields[column].extendSteady(values, from, end, sums);
      else fields[column].extend(values, from, end, sums);
    }
    for (let index = 0; index < length; index++) {
      const isFull = sums[index] > limitBytes || this.count >= MAXIMUM_TAIL_POSITIONS;
      if (isFull && this.count > 0) return from + index;
      this.count++;
    }
    if (length > 0) this.bytes = sums[length - 1];
    return end;
  }

  /** Where the span ends; up to there the timestamps are in `sinceFirst`. */
  private withinSpan(timestampsMs: Float64Array, from: number, to: number): number {
    if (this.count === 0) this.firstTimestampMs = timestampsMs[from];
    for (let index = from; index < to; index++) {
      const sinceFirst = timestampsMs[index] - this.firstTimestampMs;
      if (sinceFirst > MAXIMUM_TAIL_SPAN_MS) return index;
      this.sinceFirst[index - from] = sinceFirst;
    }
    return to;
  }
}
