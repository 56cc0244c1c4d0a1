import { PositionBuffer } from "../position/position-buffer.ts";

/** Positions in time order from one place, and how they rank against others of the same time. */
export interface TrackSource {
  readonly positions: PositionBuffer;
  /** The lowest wins. */
  readonly rank: number;
  /** Among equal ranks the lowest wins. */
  readonly order?: number;
}

interface Cursor extends TrackSource {
  index: number;
}

/**
 * Merges sources of positions in time order, each timestamp once, up to a limit. Sources may be added while
 * it runs.
 */
export class TrackMerge {
  readonly merged = new PositionBuffer();
  private readonly limit: number;
  private readonly toMs: number;
  /** Everything up to this time, inclusive, has been returned. */
  private toldMs: number;
  private cursors: Cursor[] = [];

  /** Both ends of the range are inclusive. */
  constructor(fromMs: number, toMs: number, limit: number) {
    this.toldMs = Math.ceil(fromMs) - 1;
    this.toMs = Math.floor(toMs);
    this.limit = limit;
  }

  get isFull(): boolean {
    return this.merged.count >= this.limit;
  }

  add(source: TrackSource): void {
    const cursor = { ...source, index: 0 };
    if (this.skipTold(cursor)) this.cursors.push(cursor);
  }

  /**
   * Takes what is older than `untilMs`, until the limit. All sources that may hold such positions must be
   * here.
   */
  takeUntil(untilMs: number): void {
    while (!this.isFull) {
      const first = this.firstCursor();
      if (first === undefined || headMs(first) >= untilMs) return;
      this.takeRun(first, untilMs);
    }
  }

  /** The time of the next position of the sources; undefined when none is left in the range. */
  nextMs(): number | undefined {
    const first = this.firstCursor();
    return first && headMs(first);
  }

  private firstCursor(): Cursor | undefined {
    let first: Cursor | undefined;
    for (const cursor of this.cursors) if (first === undefined || comesBefore(cursor, first)) first = cursor;
    return first;
  }

  /** Takes positions of one cursor as long as it has the first one. */
  private takeRun(cursor: Cursor, untilMs: number): void {
    const { positions, index } = cursor;
    const { timestampsMs } = positions;
    const longest = Math.min(positions.count, index + this.limit - this.merged.count);
    const endMs = Math.min(untilMs, this.nextOfOthers(cursor), this.toMs + 1);
    let end = index + 1;
    while (end < longest && timestampsMs[end] < endMs && timestampsMs[end] > timestampsMs[end - 1]) end++;
    this.merged.append(positions, index, end);
    this.toldMs = timestampsMs[end - 1];
    this.cursors = this.cursors.filter((each) => this.skipTold(each));
  }

  private nextOfOthers(cursor: Cursor): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const other of this.cursors) if (other !== cursor) nextMs = Math.min(nextMs, headMs(other));
    return nextMs;
  }

  /** Moves a cursor past what was returned; false when it has nothing left in the range. */
  private skipTold(cursor: Cursor): boolean {
    const { count, timestampsMs } = cursor.positions;
    while (cursor.index < count && timestampsMs[cursor.index] <= this.toldMs) cursor.index++;
    return cursor.index < count && timestampsMs[cursor.index] <= this.toMs;
  }
}

const headMs = ({ positions, index }: Cursor): number => positions.timestampsMs[index];

const comesBefore = (one: Cursor, other: Cursor): boolean => {
  if (headMs(one) !== headMs(other)) return headMs(one) < headMs(other);
  if (one.rank !== other.rank) return one.rank < other.rank;
  return (one.order ?? 0) < (other.order ?? 0);
};
