import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import { kinesisEvent } from "../../hosts/lambda-events/kinesis-event.ts";
import type { Clock, Sleep } from "../../lib/core/clock.ts";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import { HostUnreachableError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { backoffMilliseconds } from "./backoff.ts";
import { readBatchResponse } from "./batch-response.ts";
import type { FailedBatch, OnFailure } from "./on-failure.ts";

/*
 * Delivers one batch until each of its records has either succeeded or reached the on-failure destination, in order.
 *
 * - A function error with `bisectBatchOnFunctionError` splits the batch in two. A split spends no retry: each half goes on with
 *   the count that the whole had, because a record must not be given up for the failures of its neighbours.
 * - A partial response settles what came before the lowest failed record. The rest is tried again: as one batch, or, with bisecting,
 *   the named record by itself and then those behind it, who were given back and not blamed.
 * - Every other failure, and a failure of a single record, spends one of `maximumRetryAttempts`; after the last one, the batch
 *   goes to the destination.
 * - A host that can't be reached is nobody's failure: it is asked again without spending a retry, until the records are too old. A restart or a
 *   deployment would otherwise throw away whatever was in flight.
 */

export interface DeliveryContext {
  readonly functionName: string;
  readonly streamArn: string;
  readonly shardId: string;
  readonly trigger: StreamTrigger;
  readonly invoke: Invoke;
  readonly onFailure: OnFailure;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** No further attempt after this; waiting ends at once. */
  readonly stopping: AbortSignal;
  /** Ends the call in flight, too. */
  readonly aborting: AbortSignal;
}

/** Short, since a host that restarts is back within seconds and its callers wait for it. */
const UNREACHABLE_INTERVAL_MILLISECONDS = 250;

/** Records that are tried together. */
interface Attempt {
  readonly records: readonly SourceRecord[];
  /** Failed calls with these records that count against the retry limit. */
  readonly failures: number;
  readonly reason?: string;
}

type Outcome =
  | { readonly kind: "succeeded" }
  | { readonly kind: "failed"; readonly reason: string }
  /** The response names this record, by its index, as the first that failed. */
  | { readonly kind: "failed-from"; readonly index: number; readonly reason: string };

/**
 * Resolves when every record is settled; calls `settled` with each run of records as it is. Rejects with the reason of
 * `stopping` when told to stop first: what is not settled then must be delivered again.
 */
export const deliverBatch = async (
  records: readonly SourceRecord[],
  context: DeliveryContext,
  settled: (records: readonly SourceRecord[]) => void,
): Promise<void> => {
  const { trigger } = context;
  const giveUp = async (attempt: Attempt, condition: FailedBatch["condition"]): Promise<void> => {
    await handOver(attempt, condition, context);
    settled(attempt.records);
  };

  // A stack: the next attempt is the last element, so that the earlier half of a split comes first.
  const attempts: Attempt[] = [{ records, failures: 0 }];
  for (let attempt = attempts.pop(); attempt; attempt = attempts.pop()) {
    const tooOld = countTooOld(attempt.records, context);
    if (tooOld > 0) {
      await giveUp({ ...attempt, records: attempt.records.slice(0, tooOld) }, "RecordAgeExceeded");
      if (tooOld < attempt.records.length) {
        attempts.push({ ...attempt, records: attempt.records.slice(tooOld) });
      }
      continue;
    }

    const outcome = await call(attempt.records, context);
    // Between a wait for the host and the next call, records can have become too old.
    if (outcome === "unreached") attempts.push(attempt);
    else if (outcome.kind === "succeeded") settled(attempt.records);
    else {
      const done = outcome.kind === "failed-from" ? outcome.index : 0;
      if (done > 0) settled(attempt.records.slice(0, done));
      const rest = attempt.records.slice(done);
      const { reason } = outcome;
      if (trigger.bisectBatchOnFunctionError && rest.length > 1) {
        const cut = outcome.kind === "failed-from" ? 1 : Math.ceil(rest.length / 2);
        attempts.push({ records: rest.slice(cut), failures: 0, reason });
        attempts.push({ records: rest.slice(0, cut), failures: 0, reason });
        continue;
      }
      // When records before it have succeeded, the one that fails now is another one than the last time.
      const failures = done > 0 ? 1 : attempt.failures + 1;
      const failed = { records: rest, failures, reason };
      if (trigger.maximumRetryAttempts >= 0 && failures > trigger.maximumRetryAttempts) {
        await giveUp(failed, "RetryAttemptsExhausted");
      } else {
        await context.sleep(backoffMilliseconds(failures), context.stopping);
        attempts.push(failed);
      }
    }
  }
};

/** How many records, from the first, are past `maximumRecordAgeSeconds`; arrival times only grow along a shard. */
const countTooOld = (
  records: readonly SourceRecord[],
  { clock, trigger: { maximumRecordAgeSeconds } }: DeliveryContext,
): number => {
  if (maximumRecordAgeSeconds < 0) return 0;
  const oldestMs = clock() - maximumRecordAgeSeconds * 1_000;
  const fresh = records.findIndex(({ arrivedAtMs }) => arrivedAtMs >= oldestMs);
  return fresh === -1 ? records.length : fresh;
};

const call = async (
  records: readonly SourceRecord[],
  context: DeliveryContext,
): Promise<Outcome | "unreached"> => {
  const { functionName, invoke, sleep, stopping, aborting } = context;
  stopping.throwIfAborted();
  try {
    const response = await invoke(functionName, kinesisEvent(records, context), aborting);
    const outcome = readBatchResponse(response, records);
    if (outcome.kind === "succeeded") return outcome;
    if (outcome.kind === "invalid") return { kind: "failed", reason: outcome.reason };
    const { sequenceNumber } = records[outcome.index];
    return { ...outcome, reason: `the function reported record ${sequenceNumber} as failed` };
  } catch (error) {
    aborting.throwIfAborted();
    if (error instanceof HostUnreachableError) {
      await sleep(UNREACHABLE_INTERVAL_MILLISECONDS, stopping);
      return "unreached";
    }
    return {
      kind: "failed",
      reason: error instanceof Error ? `${error.name}: ${error.message}` : `${error}`,
    };
  }
};

/** Gives records to the on-failure destination, however often that takes. */
const handOver = async (
  { records, failures, reason }: Attempt,
  condition: FailedBatch["condition"],
  { functionName, streamArn, shardId, trigger, onFailure, sleep, stopping }: DeliveryContext,
): Promise<void> => {
  const tooOld = `older than ${trigger.maximumRecordAgeSeconds} s`;
  const failed: FailedBatch = {
    functionName,
    streamArn,
    shardId,
    condition,
    reason: condition === "RecordAgeExceeded" ? [tooOld, reason].filter(Boolean).join("; ") : (reason ?? ""),
    approximateInvokeCount: failures,
    records,
  };
  for (let refusals = 1; ; refusals++) {
    stopping.throwIfAborted();
    try {
      return await onFailure(failed);
    } catch {
      await sleep(backoffMilliseconds(refusals), stopping);
    }
  }
};
