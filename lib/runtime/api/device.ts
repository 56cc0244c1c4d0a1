import * as Type from "typebox";
import { stepDetections } from "../../core/detectors/detectors.ts";
import type { DeviceState } from "../../core/device/device-state.ts";
import { DEVICE_ID_PATTERN, DEVICE_ID_RULE } from "../../core/identity/device-id.ts";
import { type PositionJson, toJson } from "../../core/position/parse-position.ts";
import { POSITION } from "./position.ts";

export const DEVICE_ID = Type.String({ pattern: DEVICE_ID_PATTERN.source, "x-rule": DEVICE_ID_RULE });

/** Path parameters of everything under `/devices/{deviceId}`. */
export const DEVICE_PATH = Type.Object({ deviceId: DEVICE_ID });

export const DEVICE = Type.Object({
  deviceId: Type.String(),
  position: Type.Optional(POSITION),
  odometerMeters: Type.Number({
    description:
      "Distance of the whole track. While `odometerComplete` is false, late positions are missing from it",
  }),
  odometerComplete: Type.Boolean({
    description:
      "False once positions arrived too late to be added in order; " +
      "`POST /devices/{deviceId}/repairs` recomputes the odometer and makes it true again",
  }),
  positionCount: Type.Integer({ description: "Distinct positions of the whole track" }),
  latePositionCount: Type.Integer({
    description: "How many of those arrived too late for the odometer to count; 0 after a repair",
  }),
  conflictCount: Type.Integer({
    description:
      "Positions left off the track, because another with the same timestamp but a different place came first; " +
      "they are in quarantine",
  }),
  standingSince: Type.Optional(
    Type.String({
      format: "date-time",
      description:
        "Timestamp from which on every position has reported a speed below 0.5 m/s; " +
        "absent while the device moves or reports no speed",
    }),
  ),
  lastHeard: Type.String({
    format: "date-time",
    description: "When the device's newest record reached the stream",
  }),
});

/** A device's state as the API answers it. */
export interface DeviceJson {
  readonly deviceId: string;
  /** The newest. */
  readonly position?: PositionJson;
  readonly odometerMeters: number;
  readonly odometerComplete: boolean;
  readonly positionCount: number;
  readonly latePositionCount: number;
  readonly conflictCount: number;
  /** ISO 8601. */
  readonly standingSince?: string;
  /** ISO 8601. */
  readonly lastHeard: string;
}

export const deviceJson = (state: DeviceState): DeviceJson => {
  const { deviceId, tail, odometerMeters, lastHeardMs } = state;
  const { sinceMs } = stepDetections(state.sealedDetections, tail).standing;
  return {
    deviceId,
    ...(tail.count > 0 && { position: toJson(tail.at(tail.count - 1)) }),
    // To the centimetre, like positions: more digits would be rounding noise.
    odometerMeters: Math.round(odometerMeters * 100) / 100,
    odometerComplete: state.odometerComplete,
    positionCount: state.positionCount,
    latePositionCount: state.latePositionCount,
    conflictCount: state.conflictCount,
    ...(sinceMs !== undefined && { standingSince: new Date(sinceMs).toISOString() }),
    lastHeard: new Date(lastHeardMs).toISOString(),
  };
};
