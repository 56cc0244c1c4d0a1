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
      "Distance of the whole track while `odometerComplete` is true; else late positions are missing from it",
  }),
  odometerComplete: Type.Boolean({
    description:
      "False since positions came too late to be added up in their order; " +
      "`POST /devices/{deviceId}/repairs` computes the odometer anew, and then it is true",
  }),
  positionCount: Type.Integer({ description: "Distinct positions of the whole track" }),
  latePositionCount: Type.Integer({
    description: "How many of those came so late that the odometer leaves them out; 0 after a repair",
  }),
  conflictCount: Type.Integer({
    description:
      "Positions that are not on the track, because another of the same time came first from another place; " +
      "they are in quarantine",
  }),
  standingSince: Type.Optional(
    Type.String({
      format: "date-time",
      description:
        "Timestamp of the first of the positions that have all reported a speed below 0.5 m/s up to the newest one; " +
        "absent while the device moves or reports no speed",
    }),
  ),
  lastHeard: Type.String({
    format: "date-time",
    description: "When the newest record of the device reached the stream",
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
    // To the centimetre, as positions are: more digits would be noise of the arithmetic.
    odometerMeters: Math.round(odometerMeters * 100) / 100,
    odometerComplete: state.odometerComplete,
    positionCount: state.positionCount,
    latePositionCount: state.latePositionCount,
    conflictCount: state.conflictCount,
    ...(sinceMs !== undefined && { standingSince: new Date(sinceMs).toISOString() }),
    lastHeard: new Date(lastHeardMs).toISOString(),
  };
};
