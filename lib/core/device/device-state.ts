import { type Detections, NOTHING_DETECTED } from "../detectors/detectors.ts";
import type { Fence } from "../identity/fence.ts";
import type { DistanceState } from "../motion/distance.ts";
import { PositionBuffer } from "../position/position-buffer.ts";

/**
 * Everything that is known of a device between two batches: one item of the devices table. The latest
 * position is the tail's last; after the first position the tail is never empty.
 */
export interface DeviceState {
  readonly deviceId: string;
  /** 0 before the first save; each save writes the version that was read plus one. */
  readonly version: number;
  readonly fence?: Fence;
  /**
   * When the newest record since the first position reached the stream (its approximate arrival),
   * milliseconds since 1970.
   */
  readonly lastHeardMs: number;
  /** Distinct positions of the track: sealed, in the tail, and late. */
  readonly positionCount: number;
  /** How many of those the odometer misses, because they came after their neighbours were sealed. */
  readonly latePositionCount: number;
  /** Positions with the time of another one at another place. They are in quarantine, not on the track. */
  readonly conflictCount: number;
  /** Newest sealed timestamp; what is not newer is late. */
  readonly sealedUntilMs?: number;
  /** Distance up to the end of the sealed part; the tail's distance is computed from here. */
  readonly sealedDistance: DistanceState;
  /** What the detectors make of the sealed part; `stepDetections` continues from here over the tail. */
  readonly sealedDetections: Detections;
  /** Sealed distance plus the tail's. */
  readonly odometerMeters: number;
  /** False when the odometer is not the distance of the whole track, until a repair has computed it again. */
  readonly odometerComplete: boolean;
  /**
   * What was computed from the track is wrong from here on: the time of the oldest late position, or of the
   * point where future positions were removed, that no repair has taken note of yet. Absent when there is
   * none.
   */
  readonly owedFromMs?: number;
  /**
   * Sealed positions from the future are no longer counted and are in quarantine. They are still on the
   * track, after the tail's first position, and must be removed before anything else is applied.
   */
  readonly removalOwed?: true;
  /** Newest positions, not yet sealed, in time order, no two with the same timestamp. */
  readonly tail: PositionBuffer;
}

/** A device before its first record. */
export const unheardDevice = (deviceId: string): DeviceState => ({
  deviceId,
  version: 0,
  lastHeardMs: 0,
  positionCount: 0,
  latePositionCount: 0,
  conflictCount: 0,
  sealedDistance: { meters: 0 },
  sealedDetections: NOTHING_DETECTED,
  odometerMeters: 0,
  odometerComplete: true,
  tail: new PositionBuffer(0),
});
