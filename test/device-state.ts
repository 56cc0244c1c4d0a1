import { NOTHING_DETECTED } from "../lib/core/detectors/detectors.ts";
import type { DeviceState } from "../lib/core/device/device-state.ts";
import type { Position } from "../lib/core/position/position.ts";
import { PositionBuffer } from "../lib/core/position/position-buffer.ts";

/**
 * A device that has reported these positions and sealed none. For tests of readers it is as good as
 * tracking's own.
 */
export const deviceStateOf = (
  deviceId: string,
  positions: readonly Position[],
  overrides: Partial<DeviceState> = {},
): DeviceState => ({
  deviceId,
  version: 0,
  lastHeardMs: positions.at(-1)?.timestampMs ?? 0,
  positionCount: positions.length,
  latePositionCount: 0,
  conflictCount: 0,
  sealedDistance: { meters: 0 },
  sealedDetections: NOTHING_DETECTED,
  odometerMeters: 0,
  odometerComplete: true,
  tail: PositionBuffer.from(positions),
  ...overrides,
});
