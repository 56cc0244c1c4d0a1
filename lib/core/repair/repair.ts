import { type Detections, hasAllDetections, NOTHING_DETECTED } from "../detectors/detectors.ts";
import type { DistanceState } from "../motion/distance.ts";

/** How far a device's track has been added up: all of its positions that are not later than `untilMs`. */
export interface Checkpoint {
  readonly untilMs: number;
  readonly distance: DistanceState;
  readonly detections: Detections;
  /** How many positions that were. */
  readonly positionCount: number;
}

/** A repair of a device in progress, and what it leaves for the next one. */
export interface Repair {
  readonly deviceId: string;
  /** 0 before the first save; each save writes the version that was read plus one. */
  readonly version: number;
  /** Until then nobody else may go on with it, milliseconds since 1970; 0: anybody may. */
  readonly leaseUntilMs: number;
  /** In time order; the last one is where to continue. The older they are, the fewer are kept. */
  readonly checkpoints: readonly Checkpoint[];
}

/** One item per device that was ever repaired. It is erased with the device's track. */
export interface RepairStore {
  /** Strongly consistent. */
  get(deviceId: string): Promise<Repair | undefined>;
  /**
   * Writes it as version `repair.version + 1`, which it returns, on condition that the stored version is
   * still `repair.version` (0: that there is none). Throws VersionConflictError otherwise.
   */
  save(repair: Repair): Promise<Repair>;
}

export const newRepair = (deviceId: string): Repair => ({
  deviceId,
  version: 0,
  leaseUntilMs: 0,
  checkpoints: [],
});

const BEGINNING: Checkpoint = {
  untilMs: -1,
  distance: { meters: 0 },
  detections: NOTHING_DETECTED,
  positionCount: 0,
};

/** The repair with only those checkpoints that have the state of every detector. */
export const withAllDetectors = (repair: Repair): Repair => ({
  ...repair,
  checkpoints: repair.checkpoints.filter(({ detections }) => hasAllDetections(detections)),
});

/** Where to go on. */
export const lastOf = (checkpoints: readonly Checkpoint[]): Checkpoint => checkpoints.at(-1) ?? BEGINNING;

/** Those that include nothing from `fromMs` on. */
export const before = (checkpoints: readonly Checkpoint[], fromMs: number): readonly Checkpoint[] =>
  checkpoints.filter(({ untilMs }) => untilMs < fromMs);

const LEAST_GAP_MS = 10 * 60 * 1000;

/**
 * Adds a checkpoint and thins out the older ones: one is removed when the one before it is at most twice as
 * far back as the one after it. So ten years need about twenty, and a late position costs a way back of about
 * twice its age.
 */
export const withCheckpoint = (
  checkpoints: readonly Checkpoint[],
  next: Checkpoint,
): readonly Checkpoint[] => {
  const older = before(checkpoints, next.untilMs);
  const kept = [next];
  for (let index = older.length - 1; index >= 0; index--) {
    const backMs = next.untilMs - kept[kept.length - 1].untilMs;
    const backBeforeMs = next.untilMs - (older[index - 1] ?? BEGINNING).untilMs;
    if (backBeforeMs > Math.max(LEAST_GAP_MS, 2 * backMs)) kept.push(older[index]);
  }
  return kept.reverse();
};
