import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";

/**
 * How many of a batch's records succeeded, counted from the first; all of them, or none when the answer makes
 * no sense.
 */
export type BatchOutcome =
  | { readonly kind: "succeeded" }
  | { readonly kind: "failed-from"; readonly index: number }
  | { readonly kind: "invalid"; readonly reason: string };

/**
 * Reads a partial batch response (ReportBatchItemFailures) by Lambda's rules: nothing, or an empty or missing
 * list, is success; else everything from the lowest sequence number on failed; an identifier that is empty,
 * not a string, or not of this batch makes the whole batch a failure.
 */
export const readBatchResponse = (response: unknown, records: readonly SourceRecord[]): BatchOutcome => {
  if (response === null || response === undefined || response === "") return { kind: "succeeded" };
  if (typeof response !== "object") return invalid(`the response is a ${typeof response}, not an object`);
  const failures: unknown = (response as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return invalid("batchItemFailures is not a list");

  const indexes = new Map(records.map(({ sequenceNumber }, index) => [sequenceNumber, index]));
  let lowest = records.length;
  for (const failure of failures as readonly ({ itemIdentifier?: unknown } | null)[]) {
    const identifier = failure?.itemIdentifier;
    const index = typeof identifier === "string" ? indexes.get(identifier) : undefined;
    if (index === undefined) {
      return invalid(`itemIdentifier ${JSON.stringify(identifier)} is not a record of the batch`);
    }
    lowest = Math.min(lowest, index);
  }
  return lowest === records.length ? { kind: "succeeded" } : { kind: "failed-from", index: lowest };
};

const invalid = (reason: string): BatchOutcome => ({ kind: "invalid", reason });
