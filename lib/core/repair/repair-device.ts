import type { Clock } from "../clock.ts";
import { stepDetections } from "../detectors/detectors.ts";
import type { DeviceState } from "../device/device-state.ts";
import type { DeviceStore } from "../device/device-store.ts";
import { heardDevice } from "../device/heard-device.ts";
import { ConflictError, VersionConflictError } from "../errors.ts";
import { advanceDistance } from "../motion/distance.ts";
import { type ReadTrackPorts, readTrack } from "../track/read-track.ts";
import { deviceTrack } from "../track/track-store.ts";
import {
  before,
  type Checkpoint,
  lastOf,
  newRepair,
  type Repair,
  type RepairStore,
  withAllDetectors,
  withCheckpoint,
} from "./repair.ts";

export interface RepairPorts extends ReadTrackPorts {
  readonly devices: DeviceStore;
  readonly repairs: RepairStore;
  readonly now: Clock;
}

/** How much one pass may do. */
export interface PassLimits {
  readonly maximumPositions: number;
  readonly maximumMs: number;
  /** Read at a time; POSITIONS_PER_READ by default. */
  readonly positionsPerRead?: number;
}

export interface RepairOutcome {
  /**
   * `complete`: the odometer is right. `partial`: call again to go on. `busy`: another process is repairing
   * it.
   */
  readonly status: "complete" | "partial" | "busy";
  /** How many of the track's sealed positions have been added up. */
  readonly positionCount: number;
  /** As it is now. */
  readonly odometerMeters: number;
}

/** About 1 MB of segments, which is what a query of the table gives at a time. */
const POSITIONS_PER_READ = 50_000;
/** How much longer than a pass may take a lease lasts. */
const LEASE_MARGIN_MS = 30_000;

/**
 * Adds up a device's track in time order, sealed and late positions together, and corrects its odometer and
 * detectors while tracking continues. A pass is bounded and saves its progress; the next pass continues from
 * there, however this one ends. Throws NotFoundError for a device that was never heard, ConflictError when a
 * part of the track can't be read, and what the stores raise.
 *
 * Why it is right although the device keeps sending:
 *
 * - the device's state is loaded before the track is read, so everything that it counts as sealed or late is
 *   on the track by then;
 * - late positions put the oldest of their times into the state. The repair first goes back to before that
 *   time, then removes it from the state on condition that nobody saved in between: later ones are noted
 *   again;
 * - it writes the odometer on condition that the state is still the one whose sealed end it has read up to;
 * - a repair that lost its lease notices when it saves its own item, between loading the state and writing
 *   it.
 */
export const repairDevice = async (
  ports: RepairPorts,
  deviceId: string,
  limits: PassLimits,
): Promise<RepairOutcome> => {
  const state = await heardDevice(ports.devices, deviceId);
  if (state.odometerComplete) return outcomeOf("complete", state, state.positionCount - state.tail.count);
  const found = withAllDetectors((await ports.repairs.get(deviceId)) ?? newRepair(deviceId));
  const startMs = ports.now();
  if (found.leaseUntilMs > startMs) return outcomeOf("busy", state, lastOf(found.checkpoints).positionCount);
  let pass: Pass | undefined;
  try {
    const leaseUntilMs = startMs + limits.maximumMs + LEASE_MARGIN_MS;
    pass = new Pass(ports, limits, await ports.repairs.save({ ...found, leaseUntilMs }));
    return await pass.run();
  } catch (error) {
    // Best effort: the lease ends by itself, too.
    await pass?.release().catch(() => undefined);
    // Only its own item is saved without handling a conflict: another process has taken the repair over.
    if (!(error instanceof VersionConflictError)) throw error;
    return outcomeOf("busy", state, lastOf(found.checkpoints).positionCount);
  }
};

const outcomeOf = (
  status: RepairOutcome["status"],
  { odometerMeters }: DeviceState,
  positionCount: number,
): RepairOutcome => ({ status, positionCount, odometerMeters });

/** One pass, by the holder of the lease. */
class Pass {
  private readonly ports: RepairPorts;
  private readonly limits: PassLimits;
  private readonly endsAtMs: number;
  private repair: Repair;
  private positionsLeft: number;

  constructor(ports: RepairPorts, limits: PassLimits, repair: Repair) {
    this.ports = ports;
    this.limits = limits;
    this.repair = repair;
    this.endsAtMs = ports.now() + limits.maximumMs;
    this.positionsLeft = limits.maximumPositions;
  }

  async run(): Promise<RepairOutcome> {
    const { devices } = this.ports;
    for (;;) {
      const state = await heardDevice(devices, this.repair.deviceId);
      if (state.odometerComplete) return this.end("complete", state);
      if (state.owedFromMs !== undefined) {
        await this.takeNote(state, state.owedFromMs);
        continue;
      }
      if (!(await this.addUp(state.sealedUntilMs ?? -1))) return this.end("partial", state);
      // This also proves that the lease is still held: a new holder would have changed the item first.
      await this.save(this.repair.checkpoints);
      const repaired = repairedState(state, lastOf(this.repair.checkpoints));
      if (await this.isSaved(repaired)) return this.end("complete", repaired);
    }
  }

  /** Goes back to before the late positions, then removes their time from the state. */
  private async takeNote(state: DeviceState, owedFromMs: number): Promise<void> {
    await this.save(before(this.repair.checkpoints, owedFromMs));
    const { owedFromMs: noted, ...rest } = state;
    await this.isSaved(rest);
  }

  /** Adds up all that is not later than `endMs`; false when the pass has to end before. */
  private async addUp(endMs: number): Promise<boolean> {
    const { ports, limits } = this;
    const trackId = deviceTrack(this.repair.deviceId);
    let last = lastOf(this.repair.checkpoints);
    while (last.untilMs < endMs) {
      if (this.positionsLeft <= 0 || ports.now() >= this.endsAtMs) return false;
      const limit = Math.min(limits.positionsPerRead ?? POSITIONS_PER_READ, this.positionsLeft);
      const range = { fromMs: last.untilMs + 1, toMs: endMs, limit };
      const { positions, nextMs, damaged } = await readTrack(ports, trackId, range);
      if (damaged.length > 0) throw damagedTrack(this.repair.deviceId, damaged[0]);
      this.positionsLeft -= positions.count;
      last = {
        untilMs: nextMs === undefined ? endMs : nextMs - 1,
        distance: advanceDistance(last.distance, positions),
        detections: stepDetections(last.detections, positions),
        positionCount: last.positionCount + positions.count,
      };
      this.repair = { ...this.repair, checkpoints: withCheckpoint(this.repair.checkpoints, last) };
    }
    return true;
  }

  private async save(checkpoints: readonly Checkpoint[]): Promise<void> {
    this.repair = await this.ports.repairs.save({ ...this.repair, checkpoints });
  }

  /** False when another writer was faster; then the device must be loaded again. */
  private async isSaved(state: DeviceState): Promise<boolean> {
    try {
      await this.ports.devices.save(state);
      return true;
    } catch (error) {
      if (error instanceof VersionConflictError) return false;
      throw error;
    }
  }

  /** Lets others go on. */
  async release(): Promise<void> {
    await this.ports.repairs.save({ ...this.repair, leaseUntilMs: 0 });
  }

  private async end(status: "complete" | "partial", state: DeviceState): Promise<RepairOutcome> {
    const { checkpoints } = this.repair;
    await this.release();
    return outcomeOf(status, state, lastOf(checkpoints).positionCount);
  }
}

/** The state whose sealed part was added up like this. */
const repairedState = (
  { owedFromMs, ...state }: DeviceState,
  { distance, detections }: Checkpoint,
): DeviceState => ({
  ...state,
  latePositionCount: 0,
  sealedDistance: distance,
  sealedDetections: detections,
  odometerMeters: advanceDistance(distance, state.tail).meters,
  odometerComplete: true,
});

const damagedTrack = (
  deviceId: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): ConflictError => {
  const [from, to] = [fromMs, toMs].map((atMs) => new Date(atMs).toISOString());
  return new ConflictError(
    `device ${deviceId} can't be repaired: its track can't be read from ${from} to ${to}`,
  );
};
