import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import type { Sleep } from "../../lib/core/clock.ts";
import { backoffMilliseconds } from "./backoff.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";

/** A record that was read and is not settled yet. */
interface Unsettled {
  readonly sequenceNumber: string;
  settled: boolean;
}

/** Longest wait between attempts to save: a checkpoint that lags costs redelivery, not data. */
const LONGEST_BACKOFF_MILLISECONDS = 2_000;

/**
 * Follows which records of a shard are settled and saves the shard's checkpoint: the last record before the first that is not. Lanes
 * finish out of order, and what is behind an unsettled record of another lane will be delivered again after a crash.
 *
 * One save is under way at a time; what happens meanwhile goes into the next one, so a slow table slows nothing else down.
 */
export class Checkpointer {
  readonly #store: CheckpointStore;
  readonly #shardId: string;
  readonly #sleep: Sleep;
  /** In stream order; what is before `#first` is settled. */
  #records: Unsettled[] = [];
  #first = 0;
  readonly #bySequenceNumber = new Map<string, Unsettled>();
  #reached: Checkpoint;
  #saved: Checkpoint;
  #saving: Promise<void> | undefined;

  constructor(store: CheckpointStore, shardId: string, sleep: Sleep, start: Checkpoint) {
    this.#store = store;
    this.#shardId = shardId;
    this.#sleep = sleep;
    this.#reached = start;
    this.#saved = start;
  }

  /** Records that were read and are not settled. */
  get unsettled(): number {
    return this.#bySequenceNumber.size;
  }

  read(records: readonly SourceRecord[]): void {
    for (const { sequenceNumber } of records) {
      const record = { sequenceNumber, settled: false };
      this.#records.push(record);
      this.#bySequenceNumber.set(sequenceNumber, record);
    }
  }

  settle(records: readonly SourceRecord[]): void {
    for (const { sequenceNumber } of records) {
      const record = this.#bySequenceNumber.get(sequenceNumber);
      if (!record) continue;
      record.settled = true;
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

  /** The shard has ended and all its records are settled. Resolves when that is saved. */
  async finish(stopping: AbortSignal): Promise<void> {
    this.#reached = { ...this.#reached, finished: true };
    await this.flush(stopping);
  }

  /** Resolves when everything so far is saved, or `stopping` makes an end of trying. */
  async flush(stopping: AbortSignal): Promise<void> {
    for (let failures = 1; this.#reached !== this.#saved; failures++) {
      await (this.#saving ?? this.#save());
      if (this.#reached === this.#saved || stopping.aborted) return;
      await this.#sleep(backoffMilliseconds(failures, LONGEST_BACKOFF_MILLISECONDS), stopping).catch(
        () => {},
      );
    }
  }

  #save(): Promise<void> {
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #saveAll(): Promise<void> {
    while (this.#reached !== this.#saved) {
      const checkpoint = this.#reached;
      try {
        await this.#store.save(this.#shardId, checkpoint);
        this.#saved = checkpoint;
      } catch {
        // The next settled batch, or the flush at the end, saves again.
        return;
      }
    }
  }
}
