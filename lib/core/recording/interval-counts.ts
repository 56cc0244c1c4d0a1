/** Without two positions there is no interval; GPS receivers report once a second. */
const USUAL_INTERVAL_MS = 1_000;
/** Intervals up to here are counted to the millisecond, longer ones to the second. */
const FINE_MS = 60_000;

/**
 * The intervals between neighbours of a track of any length, counted; its size does not grow with the track.
 */
export class IntervalCounts {
  readonly #fine = new Uint32Array(FINE_MS);
  /** By whole seconds; there are few gaps, and fewer different ones. */
  readonly #coarse = new Map<number, number>();
  #count = 0;

  add(intervalMs: number): void {
    this.#count++;
    if (intervalMs < FINE_MS) {
      this.#fine[intervalMs]++;
      return;
    }
    const seconds = Math.round(intervalMs / 1000);
    this.#coarse.set(seconds, (this.#coarse.get(seconds) ?? 0) + 1);
  }

  /** Of an even number the shorter of the two in the middle: see median-interval.ts. */
  medianMs(): number {
    if (this.#count === 0) return USUAL_INTERVAL_MS;
    let before = ((this.#count - 1) >> 1) + 1;
    for (let intervalMs = 0; intervalMs < FINE_MS; intervalMs++) {
      before -= this.#fine[intervalMs];
      if (before <= 0) return intervalMs;
    }
    const longer = [...this.#coarse].sort(([one], [other]) => one - other);
    for (const [seconds, count] of longer) {
      before -= count;
      if (before <= 0) return seconds * 1000;
    }
    return USUAL_INTERVAL_MS;
  }
}
