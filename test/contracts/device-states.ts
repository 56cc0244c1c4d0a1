import { NOTHING_DETECTED } from "../../lib/core/detectors/detectors.ts";
import type { DeviceState } from "../../lib/core/device/device-state.ts";
import type { Position } from "../../lib/core/position/position.ts";
import { PositionBuffer } from "../../lib/core/position/position-buffer.ts";

export const positionAt = (timestampMs: number): Position => ({
  timestampMs,
  latitude: 45.2775,
  longitude: 13.7194,
  elevationMeters: 271.4,
  speedMetersPerSecond: 0,
});

/** A device that has stayed at one place since it was first heard. */
export const deviceState = (deviceId: string, overrides: Partial<DeviceState> = {}): DeviceState => ({
  deviceId,
  version: 0,
  fence: {
    stream: "arn:aws:kinesis:eu-west-1:123456789012:stream/positions",
    sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
  },
  lastHeardMs: 1_795_176_000_123,
  positionCount: 2,
  latePositionCount: 0,
  conflictCount: 0,
  sealedDistance: { meters: 0 },
  sealedDetections: NOTHING_DETECTED,
  odometerMeters: 0,
  odometerComplete: true,
  tail: PositionBuffer.from([positionAt(1_795_176_000_000), positionAt(1_795_176_001_000)]),
  ...overrides,
});

/** The state as plain values, comparable whatever the capacity of its buffer. */
export const plain = ({ tail, ...rest }: DeviceState): unknown => ({ ...rest, tail: [...tail] });
