import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import { eventBytes, MAXIMUM_EVENT_BYTES } from "../../hosts/lambda-events/kinesis-event.ts";
import type { Clock, Sleep } from "../../lib/core/clock.ts";
import { hashOfKey } from "../../lib/core/stream/partition.ts";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import { Wakeable } from "./wakeable.ts";

/** The part of a trigger that says when a batch is ready. */
export type BatchLimits = Pick<StreamTrigger, "batchSize" | "maximumBatchingWindowSeconds">;

export interface LaneOptions {
  readonly limits: BatchLimits;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly stopping: AbortSignal;
  /** How long to gather after a call that took so long, unless a batch is full before; 0 by default. */
  readonly restMilliseconds?: (callMilliseconds: number) => number;
  /** A batch was delivered, or failed. */
  readonly onDelivered?: () => void;
  /** Resolves when every record of the batch is settled. */
  deliver(batch: readonly SourceRecord[]): Promise<void>;
}

interface Queued {
  readonly record: SourceRecord;
  readonly sinceMs: number;
}

/**
 * One of a partition's parallel lanes. All records of a partition key take the same lane, and a lane delivers
 * one batch at a time, so a key's order is kept. A batch is ready when it is full (`batchSize`, or Lambda's 6
 * MB), or when its first record has waited for the batching window and the lane has rested.
 */
export class Lane {
  readonly #options: LaneOptions;
  #queue: Queued[] = [];
  #ended = false;
  readonly #changed: Wakeable;
  #isInFlight = false;
  #rest = { fromMs: 0, milliseconds: 0 };

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#changed = new Wakeable(options.sleep, options.stopping);
  }

  push(record: SourceRecord): void {
    this.#queue.push({ record, sinceMs: this.#options.clock() });
    this.#changed.wake();
  }

  /** Nothing more will come: what is queued need not wait for company. */
  end(): void {
    this.#ended = true;
    this.#changed.wake();
  }

  /** When it could deliver a record that came now, as far as can be known; 0: at once. */
  freeInMilliseconds(): number {
    return this.#isInFlight ? Number.POSITIVE_INFINITY : this.#restLeftMs();
  }

  /** Resolves when the lane has ended and delivered everything; rejects when it is stopped before. */
  async run(): Promise<void> {
    const { clock, limits, stopping } = this.#options;
    const windowMs = limits.maximumBatchingWindowSeconds * 1_000;
    for (;;) {
      stopping.throwIfAborted();
      if (this.#queue.length === 0) {
        if (this.#ended) return;
        await this.#changed.sleep();
        continue;
      }
      // A clock that is set back must not make it wait for longer.
      const windowLeftMs = Math.min(this.#queue[0].sinceMs + windowMs - clock(), windowMs);
      const waitMs = Math.max(windowLeftMs, this.#restLeftMs());
      const count = this.#nextBatchLength();
      const isFull = count === limits.batchSize || count < this.#queue.length;
      if (isFull || this.#ended || waitMs <= 0) {
        await this.#deliver(this.#queue.splice(0, count));
      } else {
        await this.#changed.sleep(waitMs);
      }
    }
  }

  async #deliver(batch: readonly Queued[]): Promise<void> {
    const { clock, deliver, onDelivered, restMilliseconds } = this.#options;
    const startedMs = clock();
    this.#isInFlight = true;
    try {
      await deliver(batch.map(({ record }) => record));
    } finally {
      this.#isInFlight = false;
      const nowMs = clock();
      this.#rest = { fromMs: nowMs, milliseconds: restMilliseconds?.(Math.max(0, nowMs - startedMs)) ?? 0 };
      onDelivered?.();
    }
  }

  #restLeftMs(): number {
    const { fromMs, milliseconds } = this.#rest;
    const passedMs = this.#options.clock() - fromMs;
    return passedMs < 0 ? 0 : Math.max(0, milliseconds - passedMs);
  }

  #nextBatchLength(): number {
    const longest = Math.min(this.#options.limits.batchSize, this.#queue.length);
    let bytes = 0;
    let count = 0;
    while (count < longest) {
      bytes += eventBytes(this.#queue[count].record);
      // A record larger than an event goes alone: it can only fail, and then it is dealt with as every
      // failure.
      if (count > 0 && bytes > MAXIMUM_EVENT_BYTES) break;
      count++;
    }
    return count;
  }
}

/** Which of `lanes` lanes a partition key takes. */
export const laneOf = (partitionKey: string, lanes: number): number => {
  if (lanes === 1) return 0;
  const hash = hashOfKey(partitionKey);
  // The low bits alone distribute badly over a power of two.
  return ((hash ^ (hash >>> 15)) >>> 0) % lanes;
};
