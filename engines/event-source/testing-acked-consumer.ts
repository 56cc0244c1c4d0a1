import { kinesisEvent, type SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import type { EventSource, EventSourceOptions } from "./event-source.ts";
import { STREAM_ARN } from "./testing.ts";

const ACK_WAIT_MILLISECONDS = 2_000;
const EMPTY_MILLISECONDS = 100;

/**
 * A wrong design: one consumer of a partition, kept by the server, that every process pulls from and
 * acknowledges to, as JetStream has it. What was not acknowledged in time is handed out again, before
 * anything new but behind what others got meanwhile.
 */
class AckedConsumer {
  readonly #records: readonly SourceRecord[];
  readonly #unacknowledged = new Map<SourceRecord, number>();
  #next = 0;

  constructor(records: readonly SourceRecord[]) {
    this.#records = records;
  }

  pull(limit: number, nowMs: number): SourceRecord[] {
    const late = [...this.#unacknowledged].filter(([, dueMs]) => dueMs <= nowMs).map(([record]) => record);
    const batch = late.slice(0, limit);
    while (batch.length < limit && this.#next < this.#records.length) batch.push(this.#records[this.#next++]);
    for (const record of batch) this.#unacknowledged.set(record, nowMs + ACK_WAIT_MILLISECONDS);
    return batch;
  }

  acknowledge(batch: readonly SourceRecord[]): void {
    for (const record of batch) this.#unacknowledged.delete(record);
  }
}

/** Starts bridges from one consumer per partition to the function. */
export const ackedBridges = () => {
  const consumers = new Map<string, AckedConsumer>();
  return (
    options: EventSourceOptions,
    recordsOf: ReadonlyMap<string, readonly SourceRecord[]>,
  ): EventSource => {
    const { clock, functionName, invoke, sleep, trigger } = options;
    const stopping = new AbortController();
    const bridge = async (partitionId: string, records: readonly SourceRecord[]): Promise<void> => {
      const consumer = consumers.get(partitionId) ?? new AckedConsumer(records);
      consumers.set(partitionId, consumer);
      while (!stopping.signal.aborted) {
        const batch = consumer.pull(trigger.batchSize, clock());
        if (batch.length === 0) {
          await sleep(EMPTY_MILLISECONDS, stopping.signal).catch(() => {});
          continue;
        }
        const event = kinesisEvent(batch, { streamArn: STREAM_ARN, shardId: partitionId });
        // A call that fails is not acknowledged, and comes again when the server has waited long enough.
        await invoke(functionName, event, stopping.signal).then(
          (answer) => hasSucceeded(answer) && consumer.acknowledge(batch),
          () => {},
        );
      }
    };
    const bridges = [...recordsOf].map(([partitionId, records]) => bridge(partitionId, records));
    return {
      held: () => [],
      async close() {
        stopping.abort("closing");
        await Promise.all(bridges);
      },
    };
  };
};

const hasSucceeded = (answer: unknown): boolean =>
  ((answer as { batchItemFailures?: unknown[] } | null)?.batchItemFailures ?? []).length === 0;
