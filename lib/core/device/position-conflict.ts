import { LATITUDE, LONGITUDE } from "../position/position.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";

/**
 * A position with the time of another one of its track, at another place. The first one stays; this one goes
 * to quarantine with its record. Places are in quanta, as in a buffer.
 */
export interface PositionConflict {
  /** Of the record that brought the position. */
  readonly sequenceNumber: string;
  readonly timestampMs: number;
  readonly latitude: number;
  readonly longitude: number;
  /** The place of the position that stays. */
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
 * The conflict between a position and an earlier one of the same time; undefined when both are at the same
 * place, which makes it a duplicate.
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
