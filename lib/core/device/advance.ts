import type { Fence } from "../identity/fence.ts";
import { fenceAfter, isApplied } from "../identity/fence.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import type { SealedSegment } from "../track/track-store.ts";
import type { DeviceState } from "./device-state.ts";
import { type LateArrival, lateArrival } from "./late-arrival.ts";
import { withOpenSegment } from "./open-segment.ts";
import type { LateOutcome, PositionConflict } from "./position-conflict.ts";

/** A stream record of one device, decoded: what came in it, in the order it came. */
export interface DeviceRecord extends Fence {
  /** When it reached the stream, milliseconds since 1970; the same at every redelivery. */
  readonly arrivedAtMs: number;
  /** In any order, with or without repetitions; may be empty. */
  readonly positions: PositionBuffer;
}

/** What some records make of a device. */
export interface Advanced {
  /** The new state, still of the version that was read. Late positions are not in it yet: see withLatePositions. */
  readonly state: DeviceState;
  /** In time order; to be stored before the state. */
  readonly sealed: readonly SealedSegment[];
  /** Positions that came when their neighbours had been sealed, for each record that brought any. */
  readonly late: readonly LateArrival[];
  /** Positions that the tail had already, at the same place. */
  readonly duplicateCount: number;
  /** Positions whose time the tail had already, at another place. */
  readonly conflicts: readonly PositionConflict[];
  /** How many of the records were not redeliveries. */
  readonly appliedRecordCount: number;
}

/**
 * Applies records of one device, in the stream's order, to its state, which may have so many bytes when it is encoded. Pure: no clock, no store; its arguments stay
 * as they are. The same records in any cuts, and delivered again from anywhere, give the same states and segments:
 *
 * - a record at or below the fence was applied, and is dropped;
 * - a position is appended to the tail, or inserted where its time belongs. The first to come of a time stays: another
 *   at the same place is a duplicate, and dropped; one at another place is a conflict, and for the caller to keep;
 * - when the tail has outgrown its room, all but the newest position are sealed as one segment. The decision
 *   is made after each position, by the tail alone;
 * - a position not newer than what was sealed is late: only the track can tell whether it is a new one.
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
      // What comes before the first position is nowhere saved, so it must not depend on the batch whether it counts.
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

/** The state with what became of the late positions: those that are on the track now are not in the odometer. */
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

/** What a state says when its odometer leaves out something from `fromMs` on. */
export const owing = (
  { owedFromMs }: DeviceState,
  fromMs: number,
): Pick<DeviceState, "odometerComplete" | "owedFromMs"> => ({
  odometerComplete: false,
  owedFromMs: Math.min(owedFromMs ?? fromMs, fromMs),
});
