import { BacktrackError } from "../errors.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import type { TimeRange } from "../track/track-store.ts";
import type { ReplaySource } from "./replay.ts";
import { iterationAt, type Timeline } from "./timeline.ts";

/** Some positions of a recording in time order. `nextMs`: where the next page begins; absent on the last. */
export interface RecordingPage {
  readonly positions: PositionBuffer;
  readonly nextMs?: number;
  /** What is missing because a stored segment can't be read. */
  readonly damaged: readonly TimeRange[];
}

/** Reads a recording's positions from `fromMs` to `toMs`, inclusive, as many as fit a page. */
export type ReadPage = (fromMs: number, toMs: number) => Promise<RecordingPage>;

/**
 * A recording that was there when the replay was created has lost positions, as it does when it is deleted.
 */
export class RecordingGoneError extends BacktrackError {
  override readonly code = "gone";
}

interface OpenPage extends RecordingPage {
  readonly fromMs: number;
}

/**
 * Points at one position of one source and moves forward, through all iterations of a loop. Holds at most two
 * pages of the recording: the present one and the first, to which a loop returns.
 */
export class SourceCursor {
  readonly source: ReplaySource;
  /** The replay's offset of the position on which it stands; Infinity behind the last. */
  offsetMs = Number.POSITIVE_INFINITY;
  readonly #read: ReadPage;
  readonly #timeline: Timeline;
  readonly #loop: boolean;
  readonly #beginsMs: number;
  readonly #endsMs: number;
  #firstPage: OpenPage | undefined;
  #page: OpenPage | undefined;
  #index = 0;
  #iteration = 0;
  /** Every offset from here to `offsetMs` has the present position as the first at or after it. */
  #answersFromMs = Number.POSITIVE_INFINITY;

  constructor(read: ReadPage, source: ReplaySource, timeline: Timeline, loop: boolean) {
    this.#read = read;
    this.source = source;
    this.#timeline = timeline;
    this.#loop = loop;
    this.#beginsMs = source.firstTimestampMs + timeline.startMs;
    this.#endsMs = Math.min(source.firstTimestampMs + timeline.endMs, source.lastTimestampMs);
  }

  /**
   * Copies the position on which it stands to the end of a buffer, with the timestamp that it has in the
   * recording.
   */
  copyTo(buffer: PositionBuffer): void {
    if (this.#page) buffer.append(this.#page.positions, this.#index, this.#index + 1);
  }

  /** Goes to the first position at or after an offset, an integer. */
  async seek(offsetMs: number): Promise<void> {
    if (offsetMs >= this.#answersFromMs && offsetMs <= this.offsetMs) return;
    const iteration = iterationAt(this.#timeline, offsetMs, this.#loop);
    await this.#find(iteration, this.#beginsMs + offsetMs - iteration * this.#timeline.periodMs);
    this.#answersFromMs = offsetMs;
  }

  /**
   * Goes to the next position. To be awaited when it returns a promise, which it does at the end of a page
   * only.
   */
  step(): Promise<void> | undefined {
    this.#answersFromMs = this.offsetMs + 1;
    this.#index++;
    return this.#settle() ? undefined : this.#turn();
  }

  /** The first position of an iteration at or after a timestamp, or the first of the next iteration. */
  async #find(iteration: number, timestampMs: number): Promise<void> {
    this.#iteration = iteration;
    if (timestampMs <= this.#endsMs) {
      await this.#open(timestampMs);
      if (this.#settle()) return;
    } else {
      this.#page = undefined;
    }
    await this.#turn();
  }

  /** Takes the offset of the position at the index; false when the page or the played part ends before it. */
  #settle(): boolean {
    const page = this.#page;
    if (!page || this.#index >= page.positions.count) return false;
    const timestampMs = page.positions.timestampsMs[this.#index];
    if (timestampMs > this.#endsMs) return false;
    this.offsetMs = this.#iteration * this.#timeline.periodMs + timestampMs - this.#beginsMs;
    return true;
  }

  /** On to the next page, the next iteration or the end. */
  async #turn(): Promise<void> {
    this.offsetMs = Number.POSITIVE_INFINITY;
    if (await this.#settleInLaterPage()) return;
    if (!this.#loop || this.#beginsMs > this.#endsMs) return;
    this.#iteration++;
    await this.#open(this.#beginsMs);
    // When not even a whole iteration has a position, there never will be one: Infinity is right.
    if (!this.#settle()) await this.#settleInLaterPage();
  }

  async #settleInLaterPage(): Promise<boolean> {
    while (this.#page?.nextMs !== undefined && this.#page.nextMs <= this.#endsMs) {
      await this.#open(this.#page.nextMs);
      if (this.#settle()) return true;
    }
    return false;
  }

  /** Stands on the first position at or after `fromMs` of the page that holds it. */
  async #open(fromMs: number): Promise<void> {
    const holds = (page: OpenPage | undefined): boolean =>
      page !== undefined && page.fromMs <= fromMs && fromMs < (page.nextMs ?? Number.POSITIVE_INFINITY);
    this.#page = [this.#page, this.#firstPage].find(holds) ?? (await this.#load(fromMs));
    this.#index = firstAtOrAfter(this.#page.positions, fromMs);
  }

  async #load(fromMs: number): Promise<OpenPage> {
    const { lastTimestampMs, recordingId } = this.source;
    const page = { ...(await this.#read(fromMs, lastTimestampMs)), fromMs };
    const { count, timestampsMs } = page.positions;
    // Read to the recording's very end, so that a recording that is not deleted always ends in this position,
    // or in damage.
    const reachesEnd =
      page.nextMs !== undefined ||
      (count > 0 && timestampsMs[count - 1] === lastTimestampMs) ||
      page.damaged.some(({ toMs }) => toMs === lastTimestampMs);
    if (!reachesEnd) {
      throw new RecordingGoneError(
        `recording ${recordingId} has no positions after ${new Date(fromMs).toISOString()} any more: it was deleted while it was played`,
      );
    }
    if (fromMs === this.#beginsMs) this.#firstPage = page;
    return page;
  }
}

const firstAtOrAfter = ({ timestampsMs, count }: PositionBuffer, fromMs: number): number => {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestampsMs[middle] < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
};
