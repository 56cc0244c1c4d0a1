/** What became of records; counts are of records or positions that were not redeliveries. */
export interface DeviceOutcome {
  readonly appliedRecordCount: number;
  /** Records that went to quarantine, because they or some of their positions could not be applied. */
  readonly quarantinedRecordCount: number;
  /** Positions that came when their neighbours had been sealed. */
  readonly latePositionCount: number;
  /** Positions that were on the track already, at the same place. */
  readonly duplicatePositionCount: number;
  /** Positions that have the time of another, at another place. */
  readonly conflictingPositionCount: number;
  /** Positions that break a rule, such as to be ahead of their time; also those that were on a track already. */
  readonly refusedPositionCount: number;
}

export const NOTHING_DONE: DeviceOutcome = {
  appliedRecordCount: 0,
  quarantinedRecordCount: 0,
  latePositionCount: 0,
  duplicatePositionCount: 0,
  conflictingPositionCount: 0,
  refusedPositionCount: 0,
};

export const addOutcomes = (one: DeviceOutcome, other: DeviceOutcome): DeviceOutcome => ({
  appliedRecordCount: one.appliedRecordCount + other.appliedRecordCount,
  quarantinedRecordCount: one.quarantinedRecordCount + other.quarantinedRecordCount,
  latePositionCount: one.latePositionCount + other.latePositionCount,
  duplicatePositionCount: one.duplicatePositionCount + other.duplicatePositionCount,
  conflictingPositionCount: one.conflictingPositionCount + other.conflictingPositionCount,
  refusedPositionCount: one.refusedPositionCount + other.refusedPositionCount,
});
