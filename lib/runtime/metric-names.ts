/*
 * The figures that functions write and alarms watch: one list for both, so that no alarm waits for a name
 * that nobody writes.
 */

export const METRIC_NAMESPACE = "backtrack";

/** Requests that failed by our own fault: 5xx. Lambda counts them as successes. */
export const REQUESTS_FAILED = "RequestsFailed";
/** Records that were handed back to be delivered again. Lambda counts their batch as a success. */
export const RECORDS_FAILED = "RecordsFailed";

/** These judge a new version of a function, so they carry its version as well. */
export const FAILURE_METRICS: ReadonlySet<string> = new Set([REQUESTS_FAILED, RECORDS_FAILED]);

/** What happened to positions, counted by the functions that a stream feeds. */
export const TRACKING_METRICS = {
  late: "LatePositions",
  duplicate: "DuplicatePositions",
  conflicting: "ConflictingPositions",
  refused: "RefusedPositions",
  quarantined: "QuarantinedRecords",
} as const;

/** What could no longer be read, counted by the functions whose definitions say so. */
export const DAMAGE_METRICS = { segments: "SegmentsDamaged", states: "StatesDamaged" } as const;

/** Where a function's figures are found. `service` keeps the stages of one account apart. */
export interface MetricDimensions extends Readonly<Record<string, string>> {
  readonly service: string;
  readonly function: string;
}
