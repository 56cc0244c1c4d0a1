import type { Sleep } from "../../lib/core/clock.ts";
import { backoffMilliseconds } from "../backoff.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";
import type { StreamReader } from "./stream-reader.ts";

export interface StreamPartitionsOptions {
  readonly reader: StreamReader;
  readonly checkpoints: CheckpointStore;
  readonly sleep: Sleep;
  readonly discoveryMilliseconds: number;
  /** There may be others to consume now. */
  onChange(): void;
  onError(message: string, error: unknown): void;
}

/** What consuming a partition begins with. */
export interface Beginning {
  readonly checkpoint: Checkpoint;
  /** Aborts when the stream is another one than when it began. */
  readonly streamGone: AbortSignal;
}

/**
 * Follows which partitions of a stream are to be consumed: those that are not finished, and whose parents
 * are.
 */
export class StreamPartitions {
  readonly #options: StreamPartitionsOptions;
  readonly #finished = new Set<string>();
  readonly #working = new Set<Promise<void>>();
  #streamCreatedAtMs: number | undefined;
  #streamGone = new AbortController();
  #open: readonly string[] | undefined;
  #ended = new AbortController();

  constructor(options: StreamPartitionsOptions) {
    this.#options = options;
  }

  /** Undefined while nobody knows. */
  open(): readonly string[] | undefined {
    return this.#open?.filter((partitionId) => !this.#finished.has(partitionId));
  }

  /** Where a partition was left by whoever had it before; undefined when there is nothing to do. */
  async begin(partitionId: string): Promise<Beginning | undefined> {
    const streamCreatedAtMs = this.#streamCreatedAtMs;
    const streamGone = this.#streamGone.signal;
    const saved = (await this.#options.checkpoints.load()).get(partitionId);
    if (streamCreatedAtMs === undefined || streamGone.aborted) return undefined;
    const isOfStream = saved?.streamCreatedAtMs === streamCreatedAtMs;
    const checkpoint = saved && isOfStream ? saved : { streamCreatedAtMs, finished: false };
    if (checkpoint.finished) this.#finished.add(partitionId);
    return checkpoint.finished ? undefined : { checkpoint, streamGone };
  }

  /** Keeps an eye on the consumption of a partition until it ends. */
  async working(work: Promise<void>): Promise<void> {
    this.#working.add(work);
    try {
      await work;
    } finally {
      this.#working.delete(work);
    }
  }

  /** All of a partition is settled and saved: its children may begin. */
  finish(partitionId: string): void {
    if (this.#streamGone.signal.aborted) return;
    this.#finished.add(partitionId);
    this.#ended.abort("a partition has ended");
  }

  /** Looks at the stream again and again until stopped. */
  async keepLooking(stopping: AbortSignal): Promise<void> {
    const { discoveryMilliseconds, onChange, onError, sleep } = this.#options;
    for (let failures = 0; !stopping.aborted; ) {
      this.#ended = new AbortController();
      let waitMs = discoveryMilliseconds;
      try {
        const before = this.#open;
        await this.#look();
        if (before?.join() !== this.#open?.join()) onChange();
        failures = 0;
      } catch (error) {
        if (stopping.aborted) return;
        onError("looking for partitions failed", error);
        waitMs = backoffMilliseconds(++failures, discoveryMilliseconds);
      }
      await sleep(waitMs, AbortSignal.any([stopping, this.#ended.signal])).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const { checkpoints, reader } = this.#options;
    const createdAtMs = await reader.createdAtMs();
    if (this.#streamCreatedAtMs !== undefined && this.#streamCreatedAtMs !== createdAtMs) {
      // A stream of the same name, with partitions of the same names: all begins anew, behind what was read
      // of the old one.
      this.#open = undefined;
      this.#streamGone.abort("the stream is gone");
      await Promise.allSettled(this.#working);
      this.#finished.clear();
      this.#streamGone = new AbortController();
    }
    this.#streamCreatedAtMs = createdAtMs;
    const listed = await reader.listPartitions();
    for (const [partitionId, saved] of await checkpoints.load()) {
      if (saved.finished && saved.streamCreatedAtMs === createdAtMs) this.#finished.add(partitionId);
    }
    const known = new Set(listed.map(({ partitionId }) => partitionId));
    // A parent that the stream has dropped holds nothing any more that could come before its children.
    const isDone = (parent: string) => this.#finished.has(parent) || !known.has(parent);
    this.#open = listed
      .filter(({ partitionId, parentIds }) => !this.#finished.has(partitionId) && parentIds.every(isDone))
      .map(({ partitionId }) => partitionId);
  }
}
