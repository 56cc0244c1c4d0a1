/** The outcome of some records. Redeliveries are not counted. */
export interface DeviceOutcome {
  readonly appliedRecordCount: number;
  /** Records that went to quarantine, because they or some of their positions could not be applied. */
  readonly quarantinedRecordCount: number;
  /** Positions that came after their neighbours were sealed. */
  readonly latePositionCount: number;
  /** Positions that were already on the track, at the same place. */
  readonly duplicatePositionCount: number;
  /** Positions with the time of another one, at another place. */
  readonly conflictingPositionCount: number;
  /**
   * Positions that break a rule, for example by being in the future; also those that were already on a track.
   */
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
