import type { Sleep } from "../../lib/core/clock.ts";
import { type LeaseClocks, type Moment, momentOf, passedAtMost } from "./clocks.ts";
import type { LeaseRecord, LeaseStore } from "./lease-store.ts";

/** A lease as whoever works under it sees it. */
export interface Lease {
  readonly name: string;
  /**
   * The fencing number: what is saved carries it, and the store of it refuses a smaller one than it has seen.
   */
  readonly token: number;
  /** Aborts when somebody else may hold the lease. */
  readonly lost: AbortSignal;
  /**
   * Looks at the clocks, so it is right even when the process has just been paused and no timer has run yet.
   */
  isHeld(): boolean;
}

export interface HeldLeaseOptions {
  readonly store: LeaseStore;
  readonly clocks: LeaseClocks;
  readonly sleep: Sleep;
  /** Told of renewals that failed without an answer; the next one may do. */
  onError(message: string, error: unknown): void;
}

/** So that two in a row may fail, and the third still comes in time. */
const RENEWALS_PER_LEASE = 4;

/** A lease that this process holds, renewed in the background until it is lost or released. */
export class HeldLease implements Lease {
  readonly name: string;
  readonly token: number;
  readonly #record: LeaseRecord;
  readonly #options: HeldLeaseOptions;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  /** When the renewal was sent that was granted last. */
  #renewed: Moment;

  /** `asked`: just before the acquisition was sent. */
  constructor(record: LeaseRecord, asked: Moment, options: HeldLeaseOptions) {
    this.name = record.name;
    this.token = record.token;
    this.#record = record;
    this.#renewed = asked;
    this.#options = options;
    this.#keepRenewing();
    this.#watchDeadline();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  isHeld(): boolean {
    if (this.#remainingMs() <= 0) this.lose("it was not renewed in time");
    return !this.#ended.signal.aborted;
  }

  /**
   * Hands the lease over: somebody else may take it at once. Never rejects; what is not freed is abandoned
   * soon.
   */
  async release(): Promise<void> {
    if (!this.isHeld()) return;
    this.#ended.abort("released");
    this.#lost.abort(new Error(`lease ${this.name} was released`));
    await this.#options.store.release(this.#record).catch((error: unknown) => {
      this.#options.onError(`releasing lease ${this.name} failed`, error);
    });
  }

  #remainingMs(): number {
    return this.#record.leaseMilliseconds - passedAtMost(this.#renewed, this.#options.clocks);
  }

  /**
   * Sends a renewal at every interval, whether or not the last one was answered: one that hangs delays no
   * other.
   */
  async #keepRenewing(): Promise<void> {
    const { sleep } = this.#options;
    const ended = this.#ended.signal;
    while (this.isHeld()) {
      await sleep(this.#record.leaseMilliseconds / RENEWALS_PER_LEASE, ended).catch(() => {});
      if (this.isHeld()) this.#renew();
    }
  }

  async #renew(): Promise<void> {
    const { clocks, onError, store } = this.#options;
    const asked = momentOf(clocks);
    try {
      const isGranted = await store.renew(this.#record);
      if (!isGranted) this.lose("somebody else has taken it");
      else if (asked.monotonicMs > this.#renewed.monotonicMs) this.#renewed = asked;
    } catch (error) {
      if (!this.#ended.signal.aborted) onError(`renewing lease ${this.name} failed`, error);
    }
  }

  async #watchDeadline(): Promise<void> {
    while (this.isHeld()) await this.#options.sleep(this.#remainingMs(), this.#ended.signal).catch(() => {});
  }

  /** Somebody else holds it, or may: no renewal was granted in time, or a save was refused. */
  lose(reason: string): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort("lost");
    this.#lost.abort(new LeaseLostError(`lease ${this.name} was lost: ${reason}`));
  }
}

export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}
