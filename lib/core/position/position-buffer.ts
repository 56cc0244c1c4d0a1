import { ABSENT, POSITION_FIELDS, type Position } from "./position.ts";

const INITIAL_CAPACITY = 64;

/**
 * Positions of one track as columns of quantised integers: what the stream handler and the codec work on,
 * because an object per position would cost more than all the arithmetic. Grows as needed. The caller decides
 * the order.
 */
export class PositionBuffer {
  count = 0;
  /** Integer milliseconds since 1970; only the first `count` are meaningful. */
  timestampsMs: Float64Array;
  /** One column per entry of POSITION_FIELDS; ABSENT where a position has no such field. */
  readonly columns: Int32Array[];

  constructor(capacity = INITIAL_CAPACITY) {
    const { timestampsMs, columns } = allocate(capacity);
    this.timestampsMs = timestampsMs;
    this.columns = columns;
  }

  static from(positions: Iterable<Position>): PositionBuffer {
    const buffer = new PositionBuffer();
    for (const position of positions) buffer.push(position);
    return buffer;
  }

  get capacity(): number {
    return this.timestampsMs.length;
  }

  /** Makes room for at least `capacity` positions. */
  reserve(capacity: number): void {
    if (capacity <= this.capacity) return;
    const grown = Math.max(capacity, this.capacity * 2);
    const { timestampsMs, columns } = allocate(grown);
    timestampsMs.set(this.timestampsMs);
    this.timestampsMs = timestampsMs;
    for (let index = 0; index < columns.length; index++) {
      columns[index].set(this.columns[index]);
      this.columns[index] = columns[index];
    }
  }

  /** Appends one position, quantised. The position must have been checked: see parsePosition. */
  push(position: Position): void {
    this.reserve(this.count + 1);
    this.timestampsMs[this.count] = position.timestampMs;
    for (let index = 0; index < POSITION_FIELDS.length; index++) {
      const { name, quantaPerUnit } = POSITION_FIELDS[index];
      const value = position[name];
      this.columns[index][this.count] = value === undefined ? ABSENT : Math.round(value * quantaPerUnit);
    }
    this.count++;
  }

  /** Copies positions `from` (inclusive) to `to` (exclusive) of another buffer to the end of this one. */
  append(source: PositionBuffer, from = 0, to = source.count): void {
    this.reserve(this.count + to - from);
    copyValues(source.timestampsMs, from, to, this.timestampsMs, this.count);
    for (let index = 0; index < this.columns.length; index++) {
      copyValues(source.columns[index], from, to, this.columns[index], this.count);
    }
    this.count += to - from;
  }

  /** The position at `index`, in units again. */
  at(index: number): Position {
    const position: Record<string, number> = { timestampMs: this.timestampsMs[index] };
    for (let column = 0; column < POSITION_FIELDS.length; column++) {
      const quantised = this.columns[column][index];
      if (quantised === ABSENT) continue;
      const { name, quantaPerUnit } = POSITION_FIELDS[column];
      position[name] = quantised / quantaPerUnit;
    }
    return position as unknown as Position;
  }

  *[Symbol.iterator](): Generator<Position> {
    for (let index = 0; index < this.count; index++) yield this.at(index);
  }
}

/** Up to this many values a loop is faster than the view that `set` needs. */
const FEW_VALUES = 24;

const copyValues = <Values extends Float64Array | Int32Array>(
  source: Values,
  from: number,
  to: number,
  target: Values,
  at: number,
): void => {
  if (to - from > FEW_VALUES) target.set(source.subarray(from, to), at);
  else for (let index = from; index < to; index++) target[at + index - from] = source[index];
};

/** All columns in one piece of memory: allocating it is what a short-lived buffer costs most. */
const allocate = (capacity: number): Pick<PositionBuffer, "timestampsMs" | "columns"> => {
  const timestampBytes = capacity * Float64Array.BYTES_PER_ELEMENT;
  const columnBytes = capacity * Int32Array.BYTES_PER_ELEMENT;
  const memory = new ArrayBuffer(timestampBytes + columnBytes * POSITION_FIELDS.length);
  const columns: Int32Array[] = [];
  for (let index = 0; index < POSITION_FIELDS.length; index++) {
    columns.push(new Int32Array(memory, timestampBytes + index * columnBytes, capacity));
  }
  return { timestampsMs: new Float64Array(memory, 0, capacity), columns };
};
