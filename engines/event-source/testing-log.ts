import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import type { Sleep } from "../../lib/core/clock.ts";
import { compareSequenceNumbers } from "../../lib/core/identity/sequence-number.ts";
import type { Place, StreamReader } from "./stream-reader.ts";
import { STREAM_ARN } from "./testing.ts";

interface LogPartition {
  readonly partitionId: string;
  readonly parentIds: readonly string[];
  readonly records: SourceRecord[];
  isClosed: boolean;
}

/**
 * A log in memory as JetStream is one: one counter of 64 bits for all partitions, so that each partition's
 * numbers have gaps, and nothing like an iterator. Its partitions can be closed, which JetStream's can't.
 */
export class MemoryLog {
  readonly #partitions = new Map<string, LogPartition>();
  #nextNumber: bigint;
  readonly #told = new Set<() => void>();
  createdAtMs = 1_000;

  /** The default passes from 19 digits to 20, and is beyond what a `number` holds exactly. */
  constructor(partitionIds: readonly string[], firstNumber = 10n ** 19n - 20n) {
    this.#nextNumber = firstNumber;
    for (const partitionId of partitionIds) this.open(partitionId);
  }

  open(partitionId: string, parentIds: readonly string[] = []): void {
    this.#partitions.set(partitionId, { partitionId, parentIds, records: [], isClosed: false });
  }

  close(partitionId: string): void {
    this.#of(partitionId).isClosed = true;
  }

  /** Deletes the stream and makes it anew, numbered from the start. */
  makeAnew(createdAtMs: number, firstNumber: bigint): void {
    for (const partition of this.#partitions.values()) partition.records.length = 0;
    this.#nextNumber = firstNumber;
    this.createdAtMs = createdAtMs;
  }

  put(partitionId: string, partitionKey: string, text: string, arrivedAtMs = 0): string {
    const sequenceNumber = String(this.#nextNumber++);
    const data = Buffer.from(text);
    this.#of(partitionId).records.push({ sequenceNumber, partitionKey, data, arrivedAtMs });
    for (const wake of this.#told) wake();
    return sequenceNumber;
  }

  /** What each partition holds. */
  records(): ReadonlyMap<string, readonly SourceRecord[]> {
    return new Map([...this.#partitions].map(([partitionId, { records }]) => [partitionId, records]));
  }

  /** A reader of its own for each process. `beforeRequest` may reject, as a throttled request does. */
  reader(beforeRequest: () => Promise<void> = async () => {}): StreamReader {
    const begins = new Map<string, number>();
    const indexOf = ({ partitionId, records }: LogPartition, place: Place): number => {
      if (place === "oldest") return 0;
      if (place === "newest") {
        const begin = begins.get(partitionId) ?? records.length;
        begins.set(partitionId, begin);
        return begin;
      }
      const index = records.findIndex((one) => compareSequenceNumbers(one.sequenceNumber, place.after) > 0);
      return index === -1 ? records.length : index;
    };
    return {
      streamArn: STREAM_ARN,
      createdAtMs: async () => this.createdAtMs,
      listPartitions: async () => {
        await beforeRequest();
        return [...this.#partitions.values()].map(({ partitionId, parentIds }) => ({
          partitionId,
          parentIds,
        }));
      },
      read: async (partitionId, place, limit) => {
        await beforeRequest();
        const partition = this.#of(partitionId);
        const from = indexOf(partition, place);
        const records = partition.records.slice(from, from + limit);
        return {
          records,
          isClosed: partition.isClosed && from + records.length === partition.records.length,
        };
      },
    };
  }

  /** A reader that need not ask again and again. */
  waitingReader(sleep: Sleep, beforeRequest?: () => Promise<void>): StreamReader {
    const reader = this.reader(beforeRequest);
    return {
      ...reader,
      waitForMore: async (partitionId, place, milliseconds, signal) => {
        const until = new AbortController();
        const wake = (): void => until.abort("woken");
        this.#told.add(wake);
        signal.addEventListener("abort", wake);
        const { records, isClosed } = await reader.read(partitionId, place, 1);
        if (records.length > 0 || isClosed || signal.aborted) wake();
        await sleep(milliseconds, until.signal).catch(() => {});
        this.#told.delete(wake);
        signal.removeEventListener("abort", wake);
      },
    };
  }

  #of(partitionId: string): LogPartition {
    const partition = this.#partitions.get(partitionId);
    if (!partition) throw new Error(`no partition ${partitionId}`);
    return partition;
  }
}
