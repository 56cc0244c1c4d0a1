import { type Detections, NOTHING_DETECTED } from "../detectors/detectors.ts";
import type { Fence } from "../identity/fence.ts";
import type { DistanceState } from "../motion/distance.ts";
import { PositionBuffer } from "../position/position-buffer.ts";

/**
 * All that is known of a device between two batches; one item of the devices table. Its latest position is the
 * tail's last: after the first position the tail is never empty.
 */
export interface DeviceState {
  readonly deviceId: string;
  /** 0 before the first save; each save writes the version that was read plus one. */
  readonly version: number;
  readonly fence?: Fence;
  /** When the newest record since the first position reached the stream (its approximate arrival), milliseconds since 1970. */
  readonly lastHeardMs: number;
  /** Distinct positions of the track: sealed, in the tail, and late. */
  readonly positionCount: number;
  /** How many of those the odometer leaves out, because they came when their neighbours had been sealed. */
  readonly latePositionCount: number;
  /** Positions that had the time of another at another place; they are in quarantine, and not on the track. */
  readonly conflictCount: number;
  /** Newest sealed timestamp; what is not newer is late. */
  readonly sealedUntilMs?: number;
  /** Distance up to the end of the sealed part; the tail's distance is computed from here. */
  readonly sealedDistance: DistanceState;
  /** What the detectors make of the sealed part; `stepDetections` goes on from here over the tail. */
  readonly sealedDetections: Detections;
  /** Sealed distance plus the tail's. */
  readonly odometerMeters: number;
  /** False when the odometer is not the distance of the whole track, until a repair has computed it anew. */
  readonly odometerComplete: boolean;
  /**
   * What was computed of the track from here on is wrong: the oldest late position, or where future positions were taken away,
   * since a repair last took note. Absent when there is nothing that a repair does not know of.
   */
  readonly owedFromMs?: number;
  /**
   * Sealed positions of the future were counted out and put into quarantine. They are still on the track, after the tail's
   * first position, and must be removed before anything else is applied.
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
