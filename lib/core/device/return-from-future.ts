import { NOTHING_DETECTED } from "../detectors/detectors.ts";
import { advanceDistance } from "../motion/distance.ts";
import { TIMESTAMP_RULES, type TimestampRules } from "../position/parse-timestamp.ts";
import type { Position } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import type { QuarantineStore } from "../quarantine/quarantine.ts";
import { encodeSegment } from "../segment/segment.ts";
import { newestPosition } from "../track/newest-position.ts";
import { type ReadTrackPorts, readTrack } from "../track/read-track.ts";
import { deviceTrack, type TrackStore } from "../track/track-store.ts";
import { owing } from "./advance.ts";
import type { DeviceState } from "./device-state.ts";
import type { DeviceStore } from "./device-store.ts";
import type { TrackedRecord } from "./read-record.ts";
import { removeFuture } from "./remove-future.ts";

export interface FuturePorts extends ReadTrackPorts {
  readonly devices: DeviceStore;
  readonly tracks: TrackStore;
  readonly quarantine: QuarantineStore;
  readonly timestampRules?: TimestampRules;
}

export interface Returned {
  readonly state: DeviceState;
  /** Positions that went to quarantine. */
  readonly movedCount: number;
  /** How many records they make. */
  readonly recordCount: number;
}

/** About 10 KB of positions. */
const POSITIONS_PER_RECORD = 1_000;
const REASON = "the clock of the device was ahead: these positions were on its track before their time";

/**
 * Brings back a device whose positions are further in the future than the rules now allow: they were applied
 * under other rules. Until that time came, every good position would be late. The future positions go to
 * quarantine, and the device is back at its newest position before them.
 *
 * The limit is counted from the newest arrival of any of the device's records, and a position that may still
 * come is never removed. It happens exactly once: the track stays as it is until a state without these
 * positions is saved. Then they are removed, and the state says so until that is done.
 */
export const returnFromFuture = async (
  ports: FuturePorts,
  loaded: DeviceState,
  record: TrackedRecord,
): Promise<Returned> => {
  const { maximumAheadMs } = ports.timestampRules ?? TIMESTAMP_RULES;
  const limitMs = Math.max(loaded.lastHeardMs, record.arrivedAtMs) + maximumAheadMs;
  let returned: Returned = { state: loaded, movedCount: 0, recordCount: 0 };
  if (newestMs(loaded) > limitMs) returned = await moveAside(ports, loaded, limitMs, record);
  const { removalOwed, ...state } = returned.state;
  if (!removalOwed) return returned;
  await removeFuture(ports, state);
  return { ...returned, state };
};

const newestMs = ({ tail, sealedUntilMs = Number.NEGATIVE_INFINITY }: DeviceState): number =>
  tail.count > 0 ? tail.timestampsMs[tail.count - 1] : sealedUntilMs;

const moveAside = async (
  ports: FuturePorts,
  state: DeviceState,
  limitMs: number,
  record: TrackedRecord,
): Promise<Returned> => {
  const quarantined = await quarantineAhead(ports, state, limitMs, record);
  const positionCount = Math.max(0, state.positionCount - quarantined.movedCount);
  const kept = pastOf(state.tail, limitMs);
  const returned =
    kept.count > 0
      ? { ...state, tail: kept, odometerMeters: advanceDistance(state.sealedDistance, kept).meters }
      : standingAt(state, await newestPosition(ports, deviceTrack(state.deviceId), limitMs));
  const latePositionCount = Math.min(state.latePositionCount, positionCount);
  await ports.devices.save({ ...returned, positionCount, latePositionCount });
  return {
    ...quarantined,
    state: { ...returned, positionCount, latePositionCount, version: state.version + 1 },
  };
};

/**
 * The state when sealed positions are in the future, too: all but those up to `newest`, which starts a new
 * tail.
 */
const standingAt = (state: DeviceState, newest: Position | undefined): DeviceState => {
  const { sealedUntilMs, owedFromMs, ...rest } = state;
  const anew = { sealedDetections: NOTHING_DETECTED, removalOwed: true as const };
  if (newest === undefined) {
    const odometer = { sealedDistance: { meters: 0 }, odometerMeters: 0, odometerComplete: true };
    return { ...rest, ...anew, ...odometer, tail: new PositionBuffer(0) };
  }
  return {
    ...rest,
    ...anew,
    ...owing(state, newest.timestampMs),
    // It may also be in a segment; it is counted and returned once all the same.
    sealedUntilMs: newest.timestampMs - 1,
    // It includes the way into the future until a repair computes it again; an odometer does not run
    // backwards.
    sealedDistance: { meters: state.odometerMeters },
    tail: PositionBuffer.from([newest]),
  };
};

const pastOf = (tail: PositionBuffer, limitMs: number): PositionBuffer => {
  let count = tail.count;
  while (count > 0 && tail.timestampsMs[count - 1] > limitMs) count--;
  const kept = new PositionBuffer(count);
  kept.append(tail, 0, count);
  return kept;
};

/** Puts everything later than the limit into quarantine, under names that are the same every time. */
const quarantineAhead = async (
  ports: FuturePorts,
  { deviceId, tail }: DeviceState,
  limitMs: number,
  { stream, arrivedAtMs }: TrackedRecord,
): Promise<Omit<Returned, "state">> => {
  let movedCount = 0;
  let recordCount = 0;
  let fromMs: number | undefined = limitMs + 1;
  while (fromMs !== undefined) {
    const range = { fromMs, toMs: Number.MAX_SAFE_INTEGER, limit: POSITIONS_PER_RECORD, tail };
    const { positions, nextMs } = await readTrack(ports, deviceTrack(deviceId), range);
    if (positions.count > 0) {
      const [firstMs, lastMs] = [positions.timestampsMs[0], positions.timestampsMs[positions.count - 1]];
      const rule = `must not be after ${new Date(limitMs).toISOString()}`;
      const value = `${new Date(firstMs).toISOString()} to ${new Date(lastMs).toISOString()}`;
      await ports.quarantine.put({
        recordId: `ahead:${deviceId}:${firstMs}`,
        stream,
        partitionKey: deviceId,
        arrivedAtMs,
        reason: REASON,
        problems: [{ field: "timestamp", value, rule }],
        data: encodeSegment(positions),
      });
      recordCount++;
    }
    movedCount += positions.count;
    fromMs = nextMs;
  }
  return { movedCount, recordCount };
};
