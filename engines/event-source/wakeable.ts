import type { Sleep } from "../../lib/core/clock.ts";

/**
 * Sleep that others can end; one sleeper at a time. Signals are not joined by AbortSignal.any, because this
 * is used for every batch: a call of that took 0.2 ms, and 100,000 of them held 100 MB.
 */
export class Wakeable {
  readonly #sleep: Sleep;
  readonly #ending: AbortSignal;
  #wake = (): void => {};

  /** `ending` ends every sleep. */
  constructor(sleep: Sleep, ending: AbortSignal) {
    this.#sleep = sleep;
    this.#ending = ending;
  }

  wake(): void {
    this.#wake();
  }

  /** Until woken, at the latest after `milliseconds` if they are given. Never rejects. */
  async sleep(milliseconds?: number): Promise<void> {
    if (this.#ending.aborted) return;
    const woken = new AbortController();
    // A reason of its own: the default is an error whose stack is collected.
    const wake = (): void => woken.abort("woken");
    this.#wake = wake;
    this.#ending.addEventListener("abort", wake);
    try {
      if (milliseconds === undefined) await aborted(woken.signal);
      else await this.#sleep(milliseconds, woken.signal).catch(() => {});
    } finally {
      this.#ending.removeEventListener("abort", wake);
      this.#wake = () => {};
    }
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
