import { LATITUDE, LONGITUDE, POSITION_FIELDS } from "../position/position.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import { ColumnSize } from "../segment/column-size.ts";
import { CHECKSUM_BYTES } from "../segment/segment.ts";

/**
 * The most positions in a tail, however small it encodes: a device that repeats itself takes no bytes in a
 * segment, but its tail is loaded with every batch.
 */
export const MAXIMUM_TAIL_POSITIONS = 512;

/**
 * The longest time that a tail spans, about 24 days: within it timestamps are 32-bit integers like any other
 * column.
 */
export const MAXIMUM_TAIL_SPAN_MS = 0x7fff_ffff;

/** Version, count, the set of fields, the first timestamp, and the checksum. */
const SEGMENT_BYTES = 1 + 2 + 2 + 8 + CHECKSUM_BYTES;

/** A little more than a position takes. Only decides how far to look ahead. */
const LIKELY_BYTES_PER_POSITION = 10;

const sinceFirst = new Int32Array(MAXIMUM_TAIL_POSITIONS);

/** The sizes of a tail's columns. */
class Columns {
  count = 0;
  bytes = 0;
  private firstTimestampMs = 0;
  private readonly timestamps = new ColumnSize(true);
  private readonly fields = POSITION_FIELDS.map(
    (_, column) => new ColumnSize(column === LATITUDE || column === LONGITUDE),
  );

  reset(): void {
    this.count = 0;
    this.bytes = 0;
    this.timestamps.reset();
    for (const field of this.fields) field.reset();
  }

  copy(other: Columns): void {
    this.count = other.count;
    this.bytes = other.bytes;
    this.firstTimestampMs = other.firstTimestampMs;
    this.timestamps.copy(other.timestamps);
    for (let column = 0; column < this.fields.length; column++)
      this.fields[column].copy(other.fields[column]);
  }

  /** Returns false and changes nothing when the tail would hold or span too much. */
  extend({ timestampsMs, columns }: PositionBuffer, from: number, to: number): boolean {
    const firstTimestampMs = this.count === 0 ? timestampsMs[from] : this.firstTimestampMs;
    if (this.count + to - from > MAXIMUM_TAIL_POSITIONS) return false;
    if (timestampsMs[to - 1] - firstTimestampMs > MAXIMUM_TAIL_SPAN_MS) return false;
    this.firstTimestampMs = firstTimestampMs;
    for (let index = from; index < to; index++)
      sinceFirst[index - from] = timestampsMs[index] - firstTimestampMs;
    this.timestamps.extend(sinceFirst, 0, to - from);
    let bytes = SEGMENT_BYTES + this.timestamps.bytes;
    for (let column = 0; column < this.fields.length; column++) {
      const field = this.fields[column];
      field.extend(columns[column], from, to);
      bytes += field.bytes;
    }
    this.count += to - from;
    this.bytes = bytes;
    return true;
  }
}

/**
 * An upper bound, within a few per cent, of what encodeSegment makes of a tail; it grows with the tail at a
 * fraction of the cost of encoding. It depends on the tail's positions alone, never on how they came, so
 * sealing is the same at every redelivery. It never shrinks as positions follow, so the first one without
 * room can be searched for in strides.
 */
export class TailSize {
  private columns = new Columns();
  private before = new Columns();

  /** The bound of the tail so far. */
  get bytes(): number {
    return this.columns.bytes;
  }

  /** Begins again with an empty tail. */
  reset(): void {
    this.columns.reset();
  }

  /**
   * Continues with positions `from` (inclusive) to `to` (exclusive), which follow in time order. Returns `to`
   * when the tail has room for all within `limitBytes`; else the index of the first one that it has no room
   * for, and must then be reset. There is always room for the first one.
   */
  extend(buffer: PositionBuffer, from: number, to: number, limitBytes: number): number {
    let index = from;
    let stride = this.stride(limitBytes);
    while (index < to) {
      const end = Math.min(to, index + stride);
      if (this.try(buffer, index, end, limitBytes)) {
        index = end;
        stride = this.stride(limitBytes);
      } else if (end - index === 1) {
        return index;
      } else {
        stride = (end - index) >> 1;
      }
    }
    return to;
  }

  private stride(limitBytes: number): number {
    const room = (limitBytes - this.columns.bytes) / LIKELY_BYTES_PER_POSITION;
    return Math.max(1, Math.min(MAXIMUM_TAIL_POSITIONS - this.columns.count, room | 0));
  }

  /** True when these positions fit, too; otherwise the tail is unchanged or must be reset. */
  private try(buffer: PositionBuffer, from: number, to: number, limitBytes: number): boolean {
    // A single position without room ends the tail: there is nothing to go back to.
    if (to - from > 1) this.before.copy(this.columns);
    const fits = this.columns.extend(buffer, from, to);
    if (fits && (this.columns.bytes <= limitBytes || this.columns.count === 1)) return true;
    if (to - from > 1) {
      const failed = this.columns;
      this.columns = this.before;
      this.before = failed;
    }
    return false;
  }
}
