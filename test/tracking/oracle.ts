import { deviceStateBytes } from "../../lib/adapters/dynamodb/item-budget.ts";
import type { Detections } from "../../lib/core/detectors/detectors.ts";
import type { Standing } from "../../lib/core/detectors/standing.ts";
import { type DeviceState, unheardDevice } from "../../lib/core/device/device-state.ts";
import { tailRoomBytes } from "../../lib/core/device/state-room.ts";
import { TailSize } from "../../lib/core/device/tail-size.ts";
import { advanceDistance } from "../../lib/core/motion/distance.ts";
import type { Position } from "../../lib/core/position/position.ts";
import { PositionBuffer } from "../../lib/core/position/position-buffer.ts";
import { spreadSeconds } from "../../lib/core/position/spread-seconds.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { CREATED_MS, type WorldRecord } from "./world.ts";

/** The expected device and track. */
export interface Expected {
  readonly state: Omit<DeviceState, "version">;
  /** After the tail. */
  readonly detections: Detections;
  /** In time order. */
  readonly track: readonly Position[];
}

/**
 * The simplest thing that could be right: each record once, in order, a position at a time, objects in sorted
 * arrays, everything recomputed each time, and nothing stored anywhere.
 */
export class Oracle {
  private readonly deviceId: string;
  private readonly track = new Map<number, Position>();
  private state: Omit<DeviceState, "version">;
  private tail: Position[] = [];
  /** Positions sealed on time, in time order. */
  private readonly sealed: Position[] = [];

  constructor(deviceId: string) {
    this.deviceId = deviceId;
    const { version, ...state } = unheardDevice(deviceId);
    this.state = state;
  }

  /** Undefined when the device never sent a readable position. */
  static expected(deviceId: string, records: readonly WorldRecord[]): Expected | undefined {
    const oracle = new Oracle(deviceId);
    for (const record of records) if (record.record.partitionKey === deviceId) oracle.apply(record);
    return oracle.tail.length === 0 ? undefined : oracle.result();
  }

  private apply({ record, positions }: WorldRecord): void {
    const { stream, streamCreatedAtMs = CREATED_MS, sequenceNumber, arrivedAtMs } = record;
    this.state = { ...this.state, fence: { stream, streamCreatedAtMs, sequenceNumber } };
    this.sealWhenOutgrown();
    const spread = PositionBuffer.from(positions);
    spreadSeconds(spread);
    for (const position of spread) this.applyPosition(position);
    if (this.tail.length > 0) {
      this.state = { ...this.state, lastHeardMs: Math.max(this.state.lastHeardMs, arrivedAtMs) };
    }
  }

  private applyPosition(position: Position): void {
    const { timestampMs } = position;
    const { sealedUntilMs, owedFromMs = timestampMs } = this.state;
    const isLate = sealedUntilMs !== undefined && timestampMs <= sealedUntilMs;
    const first = this.track.get(timestampMs);
    if (first !== undefined) {
      const isConflict = first.latitude !== position.latitude || first.longitude !== position.longitude;
      if (isConflict) this.state = { ...this.state, conflictCount: this.state.conflictCount + 1 };
      return;
    }
    this.track.set(timestampMs, position);
    this.state = { ...this.state, positionCount: this.state.positionCount + 1 };
    if (isLate) {
      this.state = {
        ...this.state,
        latePositionCount: this.state.latePositionCount + 1,
        odometerComplete: false,
        owedFromMs: Math.min(owedFromMs, timestampMs),
      };
      return;
    }
    this.tail = [...this.tail, position].sort((left, right) => left.timestampMs - right.timestampMs);
    this.sealWhenOutgrown();
  }

  private sealWhenOutgrown(): void {
    const { fence, sealedDistance } = this.state;
    const roomBytes = tailRoomBytes(deviceStateBytes(DEFAULT_TENANT, this.deviceId), fence);
    const tail = PositionBuffer.from(this.tail);
    if (new TailSize().extend(tail, 0, tail.count, roomBytes) === tail.count) return;
    const old = this.tail.slice(0, -1);
    this.sealed.push(...old);
    this.state = {
      ...this.state,
      sealedUntilMs: old[old.length - 1].timestampMs,
      sealedDistance: advanceDistance(sealedDistance, PositionBuffer.from(old)),
      sealedDetections: { standing: standingAfter(this.sealed) },
    };
    this.tail = this.tail.slice(-1);
  }

  private result(): Expected {
    const tail = PositionBuffer.from(this.tail);
    return {
      state: {
        ...this.state,
        odometerMeters: advanceDistance(this.state.sealedDistance, tail).meters,
        tail,
      },
      detections: { standing: standingAfter([...this.sealed, ...this.tail]) },
      track: [...this.track.values()].sort((left, right) => left.timestampMs - right.timestampMs),
    };
  }
}

/** From all positions at once, backwards: how far back all of them reported a standstill. */
export const standingAfter = (positions: readonly Position[]): Standing => {
  const moved = positions.findLastIndex(
    ({ speedMetersPerSecond: speed }) => speed === undefined || speed >= 0.5,
  );
  const sinceMs = positions[moved + 1]?.timestampMs;
  return sinceMs === undefined ? {} : { sinceMs };
};
