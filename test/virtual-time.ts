import type { Clock, Sleep } from "../lib/core/clock.ts";

interface Sleeper {
  readonly wakesMs: number;
  readonly wake: () => void;
}

/**
 * Time that passes only while everybody sleeps: coroutines run as if side by side, in an order that is the
 * same every time, and a day takes milliseconds. Either the work decides how far time goes (`run`), or the
 * test does (`passUntil`).
 */
export class VirtualTime {
  #nowMs: number;
  #sleepers: Sleeper[] = [];
  readonly #turns: number;

  /**
   * `turns`: of the event loop, that a coroutine which is awake needs until it sleeps; ports in memory need
   * one.
   */
  constructor(start: number | string, { turns = 1 }: { readonly turns?: number } = {}) {
    this.#nowMs = typeof start === "string" ? Date.parse(start) : start;
    this.#turns = turns;
  }

  readonly now: Clock = () => this.#nowMs;

  readonly sleep: Sleep = (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const settle = (how: () => void): void => {
        signal?.removeEventListener("abort", abort);
        how();
      };
      const sleeper = {
        wakesMs: this.#nowMs + Math.max(0, milliseconds),
        wake: () => settle(resolve),
      };
      const abort = (): void => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        settle(() => reject(signal?.reason));
      };
      signal?.addEventListener("abort", abort);
      const behind = this.#sleepers.findIndex(({ wakesMs }) => wakesMs > sleeper.wakesMs);
      this.#sleepers.splice(behind < 0 ? this.#sleepers.length : behind, 0, sleeper);
    });

  /** Lets time pass until `work` is done and no coroutine sleeps any more. Rejects as `work` does. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let failure: { readonly error: unknown } | undefined;
    work.catch((error: unknown) => {
      failure = { error };
    });
    for (;;) {
      await this.settled();
      if (failure) throw failure.error;
      if (!this.#wakeNext()) return work;
    }
  }

  /**
   * Lets time pass until a moment, sleeper by sleeper; each is done with what it does before the next wakes.
   */
  async passUntil(moment: number | string): Promise<void> {
    const untilMs = typeof moment === "string" ? Date.parse(moment) : moment;
    do await this.settled();
    while (this.#wakeNext(untilMs));
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** As when a laptop was closed: time has passed, and nobody woke. */
  jumpTo(moment: string): void {
    this.#nowMs = Date.parse(moment);
  }

  /** Everybody is done with what needs no time. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < this.#turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  #wakeNext(untilMs = Number.POSITIVE_INFINITY): boolean {
    const [next] = this.#sleepers;
    if (!next || next.wakesMs > untilMs) return false;
    this.#sleepers.shift();
    this.#nowMs = Math.max(this.#nowMs, next.wakesMs);
    next.wake();
    return true;
  }
}
