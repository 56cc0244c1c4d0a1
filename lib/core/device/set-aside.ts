import type { FieldProblem } from "../errors.ts";
import { MAXIMUM_PROBLEMS } from "../position/elements.ts";
import { LATITUDE, LONGITUDE, POSITION_FIELDS } from "../position/position.ts";
import type { QuarantinedRecord } from "../quarantine/quarantine.ts";
import type { PositionConflict } from "./position-conflict.ts";
import type { ReadRecord, TrackedRecord } from "./read-record.ts";

/**
 * What goes to quarantine: records that can't be read, and records with positions that were refused or in
 * conflict. A record is kept once and whole, with all the reasons.
 */
export const setAside = (
  records: readonly TrackedRecord[],
  read: readonly ReadRecord[],
  conflicts: readonly PositionConflict[],
): QuarantinedRecord[] => {
  const byRecord = Map.groupBy(conflicts, ({ sequenceNumber }) => sequenceNumber);
  return records.flatMap((record, index) => {
    const { refusal } = read[index];
    const lost = byRecord.get(record.sequenceNumber) ?? [];
    if (refusal === undefined && lost.length === 0) return [];
    const { recordId, stream, partitionKey, arrivedAtMs, data } = record;
    const reasons = [
      ...(refusal === undefined ? [] : [refusal.reason ?? "some of its positions were refused"]),
      ...(lost.length === 0 ? [] : ["some of its positions have the time of another at another place"]),
    ];
    const isRead = refusal?.reason === undefined;
    const reason = `${reasons.join(", and ")}${isRead ? "; the others were applied" : ""}`;
    const problems = [...(refusal?.problems ?? []), ...problemsOf(lost)];
    return [{ recordId, stream, partitionKey, arrivedAtMs, reason, problems, data }];
  });
};

/** A record that is not applied at all, for a reason outside of it. */
export const wholeAside = (record: TrackedRecord, reason: string): QuarantinedRecord => {
  const { recordId, stream, partitionKey, arrivedAtMs, data } = record;
  return { recordId, stream, partitionKey, arrivedAtMs, reason, problems: [], data };
};

/** A record that may or may not have been applied. */
export const inDoubt = (record: TrackedRecord): QuarantinedRecord =>
  wholeAside(
    record,
    "its number says that it was applied, its arrival that it was not: the stream numbers its records backwards",
  );

const problemsOf = (conflicts: readonly PositionConflict[]): FieldProblem[] => {
  const told = conflicts.slice(0, MAXIMUM_PROBLEMS).map(toProblem);
  const untold = conflicts.length - told.length;
  if (untold === 0) return told;
  return [...told, { field: "timestamp", rule: `${untold} more have the time of another position` }];
};

const toProblem = (conflict: PositionConflict): FieldProblem => {
  const { timestampMs, latitude, longitude, keptLatitude, keptLongitude } = conflict;
  const rule =
    `is the time of a position at ${place(keptLatitude, keptLongitude)}, which came first; ` +
    `this one is at ${place(latitude, longitude)}`;
  return { field: "timestamp", value: new Date(timestampMs).toISOString(), rule };
};

const place = (latitude: number, longitude: number): string =>
  `${latitude / POSITION_FIELDS[LATITUDE].quantaPerUnit}, ${longitude / POSITION_FIELDS[LONGITUDE].quantaPerUnit}`;
