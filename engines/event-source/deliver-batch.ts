import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import { kinesisEvent } from "../../hosts/lambda-events/kinesis-event.ts";
import type { Clock, Sleep } from "../../lib/core/clock.ts";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import { backoffMilliseconds } from "../backoff.ts";
import { HostUnreachableError, PerhapsRanError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { readBatchResponse } from "./batch-response.ts";
import type { FailedBatch, OnFailure } from "./on-failure.ts";

/*
 * Delivers one batch until each of its records has either succeeded or reached the on-failure destination, in
 * order.
 *
 * - A function error with `bisectBatchOnFunctionError` splits the batch in two. A split spends no retry, and
 *   each part begins with all of them: a record must not be given up for the failures of its neighbours.
 * - A partial response settles what came before the lowest failed record. The rest is tried again: as one
 *   batch, or, with bisecting, the named record by itself and then those behind it, who were given back and
 *   not blamed.
 * - Every other failure, and a failure of a single record, spends one of `maximumRetryAttempts`; after the
 *   last one, the batch goes to the destination.
 * - A host that can't be reached is nobody's failure: it is asked again without spending a retry, until the
 *   records are too old. A restart or a deployment would otherwise throw away whatever was in flight.
 * - A call that perhaps ran spends no retry either: a gateway that flaps is not the records' fault. It has a
 *   limit of its own, because a record that kills its function looks the same. The second in a row splits the
 *   batch, so that such a record is soon alone. The next call waits until the last one must be over, so that
 *   a long job never runs beside a copy of itself.
 */

export interface DeliveryContext {
  readonly functionName: string;
  readonly streamArn: string;
  readonly partitionId: string;
  readonly trigger: StreamTrigger;
  readonly invoke: Invoke;
  readonly onFailure: OnFailure;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** No further attempt after this; waiting ends at once. */
  readonly stopping: AbortSignal;
  /** Ends the call in flight, too. */
  readonly aborting: AbortSignal;
  /**
   * How many calls may perhaps have run before records are given up that can't be split; at least 2. The
   * default of 20 means some 10 minutes of trying.
   */
  readonly maximumUncertainCalls?: number;
  /** From 0 to below 1; default: Math.random. */
  readonly random?: () => number;
}

/** Short, since a host that restarts is back within seconds and its callers wait for it. */
const UNREACHABLE_INTERVAL_MILLISECONDS = 250;

const FIRST_UNCERTAIN_MILLISECONDS = 500;
const LONGEST_UNCERTAIN_MILLISECONDS = 60_000;
export const MAXIMUM_UNCERTAIN_CALLS = 20;
const UNCERTAIN_CALLS_BEFORE_SPLIT = 2;

/** Records that are tried together. */
interface Attempt {
  readonly records: readonly SourceRecord[];
  /** Failed calls with these records that count against the retry limit. */
  readonly failures: number;
  /** Calls with these records of which nobody knows whether they ran. */
  readonly uncertain: number;
  readonly reason?: string;
}

type Outcome =
  | { readonly kind: "succeeded" }
  | { readonly kind: "failed"; readonly reason: string }
  /** Nothing ran, and nothing is the records' fault. */
  | { readonly kind: "unreached" }
  | { readonly kind: "uncertain"; readonly reason: string; readonly mayRunForMilliseconds: number }
  /** The response names this record, by its index, as the first that failed. */
  | { readonly kind: "failed-from"; readonly index: number; readonly reason: string };
type Failure = Exclude<Outcome, { readonly kind: "succeeded" | "unreached" }>;

/**
 * Resolves when every record is settled; calls `settled` with each run of records as it is. Rejects with the
 * reason of `stopping` when told to stop first: what is not settled then must be delivered again.
 */
export const deliverBatch = async (
  records: readonly SourceRecord[],
  context: DeliveryContext,
  settled: (records: readonly SourceRecord[]) => void,
): Promise<void> => {
  const giveUp = async (attempt: Attempt, condition: FailedBatch["condition"]): Promise<void> => {
    await handOver(attempt, condition, context);
    settled(attempt.records);
  };

  // A stack: the next attempt is the last element, so that the earlier half of a split comes first.
  const attempts: Attempt[] = [{ records, failures: 0, uncertain: 0 }];
  for (let attempt = attempts.pop(); attempt; attempt = attempts.pop()) {
    // Looked at before every call: while one was waited for, records can have become too old.
    const tooOld = countTooOld(attempt.records, context);
    if (tooOld > 0) {
      await giveUp({ ...attempt, records: attempt.records.slice(0, tooOld) }, "RecordAgeExceeded");
      if (tooOld < attempt.records.length) {
        attempts.push({ ...attempt, records: attempt.records.slice(tooOld) });
      }
      continue;
    }
    const outcome = await call(attempt.records, context);
    if (outcome.kind === "succeeded") settled(attempt.records);
    else if (outcome.kind === "unreached") attempts.push(attempt);
    else {
      const done = outcome.kind === "failed-from" ? outcome.index : 0;
      if (done > 0) settled(attempt.records.slice(0, done));
      const next = await afterFailure(attempt, outcome, context);
      if (next.kind === "given-up") await giveUp(next.attempt, "RetryAttemptsExhausted");
      else attempts.push(...next.attempts.toReversed());
    }
  }
};

type AfterFailure =
  | { readonly kind: "given-up"; readonly attempt: Attempt }
  /** In the order of their records. */
  | { readonly kind: "try"; readonly attempts: readonly Attempt[] };

/** What becomes of the records that a call did not settle; resolves when they may be tried again. */
const afterFailure = async (
  { records, ...before }: Attempt,
  outcome: Failure,
  context: DeliveryContext,
): Promise<AfterFailure> => {
  const { sleep, stopping, trigger } = context;
  const { maximumUncertainCalls = MAXIMUM_UNCERTAIN_CALLS, random = Math.random } = context;
  const { reason } = outcome;
  if (outcome.kind === "uncertain") {
    const uncertain = before.uncertain + 1;
    const attempt = { records, failures: before.failures, uncertain, reason };
    const isLimited = trigger.maximumRetryAttempts >= 0;
    if (isLimited && uncertain >= maximumUncertainCalls) return { kind: "given-up", attempt };
    const longestMs = Math.min(
      FIRST_UNCERTAIN_MILLISECONDS * 2 ** (uncertain - 1),
      LONGEST_UNCERTAIN_MILLISECONDS,
    );
    // Somewhere in its second half: a record that kills its function ends the calls of other lanes with it.
    // If they waited equally long, they would be called together again, and given up together.
    const waitMs = longestMs * (1 - random() / 2);
    await sleep(Math.max(waitMs, outcome.mayRunForMilliseconds), stopping);
    return uncertain >= UNCERTAIN_CALLS_BEFORE_SPLIT
      ? split(attempt, trigger)
      : { kind: "try", attempts: [attempt] };
  }
  const done = outcome.kind === "failed-from" ? outcome.index : 0;
  const rest = records.slice(done);
  if (trigger.bisectBatchOnFunctionError && rest.length > 1) {
    return split(
      { records: rest, failures: 0, uncertain: 0, reason },
      trigger,
      outcome.kind === "failed-from" ? 1 : undefined,
    );
  }
  // When records before it have succeeded, the one that fails now is another one than the last time.
  const failures = done > 0 ? 1 : before.failures + 1;
  const attempt = { records: rest, failures, uncertain: done > 0 ? 0 : before.uncertain, reason };
  if (trigger.maximumRetryAttempts >= 0 && failures > trigger.maximumRetryAttempts)
    return { kind: "given-up", attempt };
  await sleep(backoffMilliseconds(failures), stopping);
  return { kind: "try", attempts: [attempt] };
};

/** Two attempts that begin anew, where batches are split; else the attempt as it is. */
const split = (
  attempt: Attempt,
  { bisectBatchOnFunctionError }: StreamTrigger,
  cut = Math.ceil(attempt.records.length / 2),
): AfterFailure => {
  const { records, reason } = attempt;
  if (!bisectBatchOnFunctionError || records.length === 1) return { kind: "try", attempts: [attempt] };
  const parts = [records.slice(0, cut), records.slice(cut)];
  return {
    kind: "try",
    attempts: parts.map((part) => ({ records: part, failures: 0, uncertain: 0, reason })),
  };
};

/**
 * How many records, from the first, are past `maximumRecordAgeSeconds`; arrival times only grow along a
 * partition.
 */
const countTooOld = (
  records: readonly SourceRecord[],
  { clock, trigger: { maximumRecordAgeSeconds } }: DeliveryContext,
): number => {
  if (maximumRecordAgeSeconds < 0) return 0;
  const oldestMs = clock() - maximumRecordAgeSeconds * 1_000;
  const fresh = records.findIndex(({ arrivedAtMs }) => arrivedAtMs >= oldestMs);
  return fresh === -1 ? records.length : fresh;
};

const call = async (records: readonly SourceRecord[], context: DeliveryContext): Promise<Outcome> => {
  const { functionName, invoke, partitionId, sleep, stopping, streamArn, aborting } = context;
  stopping.throwIfAborted();
  try {
    const event = kinesisEvent(records, { streamArn, shardId: partitionId });
    const outcome = readBatchResponse(await invoke(functionName, event, aborting), records);
    if (outcome.kind === "succeeded") return outcome;
    if (outcome.kind === "invalid") return { kind: "failed", reason: outcome.reason };
    const { sequenceNumber } = records[outcome.index];
    return { ...outcome, reason: `the function reported record ${sequenceNumber} as failed` };
  } catch (error) {
    aborting.throwIfAborted();
    if (error instanceof HostUnreachableError) {
      await sleep(UNREACHABLE_INTERVAL_MILLISECONDS, stopping);
      return { kind: "unreached" };
    }
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : `${error}`;
    if (!(error instanceof PerhapsRanError)) return { kind: "failed", reason };
    return { kind: "uncertain", reason, mayRunForMilliseconds: error.mayRunForMilliseconds };
  }
};

/** Gives records to the on-failure destination, however often that takes. */
const handOver = async (
  { records, failures, uncertain, reason }: Attempt,
  condition: FailedBatch["condition"],
  { functionName, streamArn, partitionId, trigger, onFailure, sleep, stopping }: DeliveryContext,
): Promise<void> => {
  const tooOld = `older than ${trigger.maximumRecordAgeSeconds} s`;
  const failed: FailedBatch = {
    functionName,
    streamArn,
    partitionId,
    condition,
    reason: condition === "RecordAgeExceeded" ? [tooOld, reason].filter(Boolean).join("; ") : (reason ?? ""),
    approximateInvokeCount: failures + uncertain,
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
