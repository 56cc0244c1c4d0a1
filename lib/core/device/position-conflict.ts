import { LATITUDE, LONGITUDE } from "../position/position.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";

/**
 * A position that has the time of another of its track, and another place. The first to come stays; this one goes to
 * quarantine with its record. Places in quanta, as a buffer holds them.
 */
export interface PositionConflict {
  /** Of the record that brought the position. */
  readonly sequenceNumber: string;
  readonly timestampMs: number;
  readonly latitude: number;
  readonly longitude: number;
  /** Where the position is that stays. */
  readonly keptLatitude: number;
  readonly keptLongitude: number;
}

/** What became of the late positions of a batch. */
export interface LateOutcome {
  /** Those that were new to the track, and are on it now. */
  readonly storedCount: number;
  /** The oldest of those. */
  readonly oldestStoredMs?: number;
  /** Those that were on the track before, at the same place. */
  readonly duplicateCount: number;
  readonly conflicts: readonly PositionConflict[];
}

/**
 * The conflict between a position of a record and one of the same time that was there first; undefined when both are at one
 * place, and the position is a duplicate.
 */
export const conflictBetween = (
  sequenceNumber: string,
  arrived: PositionBuffer,
  index: number,
  kept: PositionBuffer,
  keptIndex: number,
): PositionConflict | undefined => {
  const latitude = arrived.columns[LATITUDE][index];
  const longitude = arrived.columns[LONGITUDE][index];
  const keptLatitude = kept.columns[LATITUDE][keptIndex];
  const keptLongitude = kept.columns[LONGITUDE][keptIndex];
  if (latitude === keptLatitude && longitude === keptLongitude) return undefined;
  const timestampMs = arrived.timestampsMs[index];
  return { sequenceNumber, timestampMs, latitude, longitude, keptLatitude, keptLongitude };
};
