import type { Clock, Sleep } from "../lib/core/clock.ts";

interface Sleeper {
  readonly wakesMs: number;
  readonly wake: () => void;
}

/**
 * Time that passes only while every coroutine sleeps: they run as if in parallel, always in the same order,
 * and a day takes milliseconds.
 */
export class VirtualTime {
  #nowMs: number;
  #sleepers: Sleeper[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  readonly now: Clock = () => this.#nowMs;

  readonly sleep: Sleep = (milliseconds, signal) =>
    new Promise((wake, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const wakesMs = this.#nowMs + Math.max(0, milliseconds);
      const cut = () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        reject(signal?.reason);
      };
      const sleeper = {
        wakesMs,
        wake: () => {
          signal?.removeEventListener("abort", cut);
          wake();
        },
      };
      signal?.addEventListener("abort", cut, { once: true });
      const behind = this.#sleepers.findIndex((other) => other.wakesMs > wakesMs);
      this.#sleepers.splice(behind < 0 ? this.#sleepers.length : behind, 0, sleeper);
    });

  /** Lets time pass until `work` is done and no coroutine sleeps any more. Rejects as `work` does. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let failure: { readonly error: unknown } | undefined;
    work.catch((error: unknown) => {
      failure = { error };
    });
    for (;;) {
      // A coroutine that is awake runs until it sleeps: ports in memory need nothing but the microtask queue.
      await new Promise((resolve) => setImmediate(resolve));
      if (failure) throw failure.error;
      const next = this.#sleepers.shift();
      if (!next) return work;
      this.#nowMs = next.wakesMs;
      next.wake();
    }
  }
}
