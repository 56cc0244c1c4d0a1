import type { KinesisStreamEvent } from "aws-lambda";
import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import type { Clock, Sleep } from "../../lib/core/clock.ts";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import type { DeliveryContext } from "./deliver-batch.ts";
import type { FailedBatch } from "./on-failure.ts";

/* What the tests of the poller share. */

export const STREAM_ARN = "arn:aws:kinesis:eu-central-1:123456789012:stream/positions";

export const TRIGGER: StreamTrigger = {
  stream: "positions",
  batchSize: 100,
  maximumBatchingWindowSeconds: 0,
  parallelizationFactor: 1,
  maximumRetryAttempts: 2,
  maximumRecordAgeSeconds: -1,
  bisectBatchOnFunctionError: false,
};

/** Time that passes only by sleeping; each sleep gives everyone else a turn. */
export const virtualTime = (startMs = 1_000_000): { clock: Clock; sleep: Sleep; slept: number[] } => {
  let nowMs = startMs;
  const slept: number[] = [];
  return {
    slept,
    clock: () => nowMs,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      slept.push(milliseconds);
      nowMs += milliseconds;
    },
  };
};

export const record = (number: number, partitionKey = "key", arrivedAtMs = 1_000_000): SourceRecord => ({
  sequenceNumber: String(number),
  partitionKey,
  data: Buffer.from(String(number)),
  arrivedAtMs,
});

export const numbersOf = (event: unknown): number[] =>
  (event as KinesisStreamEvent).Records.map(({ kinesis }) => Number(kinesis.sequenceNumber));

export const textsOf = (event: unknown): string[] =>
  (event as KinesisStreamEvent).Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString());

/** Reports records as failed, as a function does. */
export const failuresOf = (...numbers: (number | string)[]) => ({
  batchItemFailures: numbers.map((itemIdentifier) => ({ itemIdentifier: String(itemIdentifier) })),
});

/** A delivery with virtual time that remembers what was called and what was given up. */
export const delivery = (invoke: DeliveryContext["invoke"], trigger: Partial<StreamTrigger> = {}) => {
  const time = virtualTime();
  const calls: number[][] = [];
  const failed: FailedBatch[] = [];
  const stopping = new AbortController();
  const aborting = new AbortController();
  const context: DeliveryContext = {
    random: () => 0,
    functionName: "track-devices",
    streamArn: STREAM_ARN,
    partitionId: "partitionId-000000000000",
    trigger: { ...TRIGGER, ...trigger },
    invoke: async (name, event, signal) => {
      calls.push(numbersOf(event));
      return invoke(name, event, signal);
    },
    onFailure: async (batch) => {
      failed.push(batch);
    },
    clock: time.clock,
    sleep: time.sleep,
    stopping: stopping.signal,
    aborting: aborting.signal,
  };
  return { context, calls, failed, stopping, aborting, ...time };
};
