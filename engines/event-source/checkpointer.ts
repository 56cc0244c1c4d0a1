import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import type { Sleep } from "../../lib/core/clock.ts";
import { backoffMilliseconds } from "../backoff.ts";
import { type Checkpoint, type CheckpointStore, FencedError } from "./checkpoint-store.ts";

/** A record that was read and is not settled yet. */
interface Unsettled {
  readonly sequenceNumber: string;
  readonly bytes: number;
  settled: boolean;
}

export interface CheckpointerOptions {
  readonly checkpoints: CheckpointStore;
  readonly partitionId: string;
  /** Of the lease under which the partition is consumed. */
  readonly token: number;
  /** Where the partition was left. */
  readonly checkpoint: Checkpoint;
  readonly sleep: Sleep;
  /**
   * A save was refused, because another process has gone on with the partition. Nothing is saved after that.
   */
  onFenced(): void;
}

/** Longest wait between attempts to save: a checkpoint that lags costs redelivery, not data. */
const LONGEST_BACKOFF_MILLISECONDS = 2_000;

/**
 * Follows which records of a partition are settled and saves its checkpoint: the last record before the first
 * that is not settled. Lanes finish out of order, and what is behind an unsettled record of another lane will
 * be delivered again after a crash.
 *
 * One save is under way at a time; what happens meanwhile goes into the next one, so a slow table slows
 * nothing else down.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  /** In stream order; what is before `#first` is settled. */
  #records: Unsettled[] = [];
  #first = 0;
  readonly #bySequenceNumber = new Map<string, Unsettled>();
  #unsettledBytes = 0;
  #reached: Checkpoint;
  #saved: Checkpoint;
  #saving: Promise<void> | undefined;
  #isFenced = false;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
    this.#reached = options.checkpoint;
    this.#saved = options.checkpoint;
  }

  /** Records that were read and are not settled. */
  get unsettled(): number {
    return this.#bySequenceNumber.size;
  }

  /** How much memory their data takes. */
  get unsettledBytes(): number {
    return this.#unsettledBytes;
  }

  read(records: readonly SourceRecord[]): void {
    for (const { sequenceNumber, data } of records) {
      const record = { sequenceNumber, bytes: data.byteLength, settled: false };
      this.#unsettledBytes += record.bytes;
      this.#records.push(record);
      this.#bySequenceNumber.set(sequenceNumber, record);
    }
  }

  settle(records: readonly SourceRecord[]): void {
    for (const { sequenceNumber } of records) {
      const record = this.#bySequenceNumber.get(sequenceNumber);
      if (!record) continue;
      record.settled = true;
      this.#unsettledBytes -= record.bytes;
      this.#bySequenceNumber.delete(sequenceNumber);
    }
    while (this.#records[this.#first]?.settled) {
      const { sequenceNumber } = this.#records[this.#first++];
      this.#reached = { ...this.#reached, sequenceNumber, finished: false };
    }
    // Copying once per so many records keeps it linear.
    if (this.#first > 4_096) {
      this.#records = this.#records.slice(this.#first);
      this.#first = 0;
    }
    this.#save();
  }

  /** The partition has ended and all its records are settled. Resolves when that is saved. */
  async finish(stopping: AbortSignal): Promise<void> {
    this.#reached = { ...this.#reached, finished: true };
    await this.flush(stopping);
  }

  /** Resolves when everything so far is saved, or `stopping` makes an end of trying. */
  async flush(stopping: AbortSignal): Promise<void> {
    for (let failures = 1; this.#reached !== this.#saved; failures++) {
      await (this.#saving ?? this.#save());
      if (this.#reached === this.#saved || this.#isFenced || stopping.aborted) return;
      const waitMs = backoffMilliseconds(failures, LONGEST_BACKOFF_MILLISECONDS);
      await this.#options.sleep(waitMs, stopping).catch(() => {});
    }
  }

  #save(): Promise<void> {
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #saveAll(): Promise<void> {
    const { checkpoints, onFenced, partitionId, token } = this.#options;
    while (this.#reached !== this.#saved && !this.#isFenced) {
      const checkpoint = this.#reached;
      try {
        await checkpoints.save(partitionId, checkpoint, token);
        this.#saved = checkpoint;
      } catch (error) {
        if (error instanceof FencedError && !this.#isFenced) {
          this.#isFenced = true;
          onFenced();
        }
        // The next settled batch, or the flush at the end, saves again.
        return;
      }
    }
  }
}
