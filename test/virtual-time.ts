import type { Clock, Sleep } from "../lib/core/clock.ts";

interface Sleeper {
  readonly wakesMs: number;
  readonly wake: () => void;
}

/**
 * Time that passes only while everybody sleeps: coroutines run as if side by side, in an order that is the same every time,
 * and a day takes milliseconds.
 */
export class VirtualTime {
  #nowMs: number;
  #sleepers: Sleeper[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  readonly now: Clock = () => this.#nowMs;

  readonly sleep: Sleep = (milliseconds) =>
    new Promise((wake) => {
      const wakesMs = this.#nowMs + Math.max(0, milliseconds);
      const behind = this.#sleepers.findIndex((sleeper) => sleeper.wakesMs > wakesMs);
      this.#sleepers.splice(behind < 0 ? this.#sleepers.length : behind, 0, { wakesMs, wake });
    });

  /** Lets time pass until `work` is done and nobody sleeps any more. Rejects as `work` does. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let failure: { readonly error: unknown } | undefined;
    work.catch((error: unknown) => {
      failure = { error };
    });
    for (;;) {
      // Whoever is awake gets on until it sleeps: ports in memory need nothing but the microtask queue.
      await new Promise((resolve) => setImmediate(resolve));
      if (failure) throw failure.error;
      const next = this.#sleepers.shift();
      if (!next) return work;
      this.#nowMs = next.wakesMs;
      next.wake();
    }
  }
}
