import type { Fence } from "../identity/fence.ts";
import { fenceAfter, isApplied } from "../identity/fence.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import type { SealedSegment } from "../track/track-store.ts";
import type { DeviceState } from "./device-state.ts";
import { type LateArrival, lateArrival } from "./late-arrival.ts";
import { withOpenSegment } from "./open-segment.ts";
import type { LateOutcome, PositionConflict } from "./position-conflict.ts";

/** A decoded stream record of one device. */
export interface DeviceRecord extends Fence {
  /** When it reached the stream, milliseconds since 1970; the same at every redelivery. */
  readonly arrivedAtMs: number;
  /** In any order, with or without repetitions; may be empty. */
  readonly positions: PositionBuffer;
}

/** What applying some records gives. */
export interface Advanced {
  /**
   * The new state, still of the version that was read. Late positions are not in it yet: see
   * withLatePositions.
   */
  readonly state: DeviceState;
  /** In time order; to be stored before the state. */
  readonly sealed: readonly SealedSegment[];
  /** Positions that came after their neighbours were sealed, per record that brought any. */
  readonly late: readonly LateArrival[];
  /** Positions that were already in the tail, at the same place. */
  readonly duplicateCount: number;
  /** Positions whose time was already in the tail, at another place. */
  readonly conflicts: readonly PositionConflict[];
  /** How many of the records were not redeliveries. */
  readonly appliedRecordCount: number;
}

/**
 * Applies records of one device, in the stream's order, to its state, which should take at most `stateBytes`
 * when encoded. Pure: no clock, no store, and the arguments are not changed. The same records give the same
 * states and segments, however they are cut into batches and wherever a redelivery starts:
 *
 * - a record at or below the fence was applied before and is dropped;
 * - a position is appended to the tail, or inserted at its time. Of several with one time the first stays:
 *   another at the same place is a duplicate and is dropped; one at another place is a conflict, for the
 *   caller to keep;
 * - when the tail outgrows its room, all but the newest position are sealed as one segment. That is decided
 *   after each position, from the tail alone;
 * - a position that is not newer than the sealed part is late: only the track can tell whether it is new.
 */
export const advance = (
  state: DeviceState,
  records: readonly DeviceRecord[],
  stateBytes: number,
): Advanced => {
  const expectedPositions = records.reduce((count, { positions }) => count + positions.count, 0);
  return withOpenSegment(state, expectedPositions, stateBytes, (open) => {
    const late: LateArrival[] = [];
    let { fence, lastHeardMs } = state;
    let appliedRecordCount = 0;
    for (const record of records) {
      const { arrivedAtMs, positions } = record;
      if (isApplied({ fence, lastHeardMs }, record)) continue;
      fence = fenceAfter(fence, record);
      appliedRecordCount++;
      const lateIndexes = open.apply(positions, fence);
      // Nothing is saved before the first position, so what came before it must not count in some batches
      // only.
      if (open.hasPositions) lastHeardMs = Math.max(lastHeardMs, arrivedAtMs);
      if (lateIndexes.length > 0) late.push(lateArrival(record, lateIndexes));
    }
    const { sealed, duplicateCount, conflicts } = open;
    const done = { sealed, late, duplicateCount, conflicts, appliedRecordCount };
    if (appliedRecordCount === 0) return { state, ...done };
    return {
      state: {
        ...state,
        ...(fence !== undefined && { fence }),
        lastHeardMs,
        positionCount: state.positionCount + open.addedCount,
        conflictCount: state.conflictCount + conflicts.length,
        ...(open.sealedUntilMs !== undefined && { sealedUntilMs: open.sealedUntilMs }),
        sealedDistance: open.sealedDistance,
        sealedDetections: open.sealedDetections,
        odometerMeters: open.meters,
        tail: open.tail(),
      },
      ...done,
    };
  });
};

/**
 * Adds the outcome of the late positions to the state. Those that are now on the track are not in the
 * odometer.
 */
export const withLatePositions = (
  state: DeviceState,
  { storedCount, oldestStoredMs, conflicts }: LateOutcome,
): DeviceState => ({
  ...state,
  positionCount: state.positionCount + storedCount,
  latePositionCount: state.latePositionCount + storedCount,
  conflictCount: state.conflictCount + conflicts.length,
  ...(oldestStoredMs !== undefined && owing(state, oldestStoredMs)),
});

/** What a state says when its odometer misses something from `fromMs` on. */
export const owing = (
  { owedFromMs }: DeviceState,
  fromMs: number,
): Pick<DeviceState, "odometerComplete" | "owedFromMs"> => ({
  odometerComplete: false,
  owedFromMs: Math.min(owedFromMs ?? fromMs, fromMs),
});
