import type { DeviceState } from "../../../lib/core/device/device-state.ts";
import { NotFoundError } from "../../../lib/core/errors.ts";
import { cosineOfLatitude, haversineMeters } from "../../../lib/core/motion/haversine.ts";
import { LATITUDE, LONGITUDE, POSITION_FIELDS, type Position } from "../../../lib/core/position/position.ts";
import type { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";

/** What the course's replayer computes from one position to the next, where the device did not report it. */
const sincePrevious = ({ timestampsMs, columns }: PositionBuffer, index: number): Partial<Position> => {
  if (index === 0) return {};
  const [latitude, previousLatitude] = [columns[LATITUDE][index], columns[LATITUDE][index - 1]];
  const [longitude, previousLongitude] = [columns[LONGITUDE][index], columns[LONGITUDE][index - 1]];
  const meters = haversineMeters(
    previousLatitude,
    previousLongitude,
    cosineOfLatitude(previousLatitude),
    latitude,
    longitude,
    cosineOfLatitude(latitude),
  );
  return {
    distanceMeters: Math.round(meters * 100) / 100,
    elapsedSeconds: (timestampsMs[index] - timestampsMs[index - 1]) / 1000,
  };
};

/** A device's newest position in the course's 13 fields; null where a field is unknown. */
export const gpsState = ({ deviceId, tail }: DeviceState): Record<string, number | null> => {
  if (tail.count === 0) throw new NotFoundError(`device ${deviceId} has no position yet`);
  const newest = tail.count - 1;
  const position: Position = { ...sincePrevious(tail, newest), ...tail.at(newest) };
  const fields = POSITION_FIELDS.map(({ name, courseName }) => [courseName, position[name] ?? null]);
  return { timestamp: position.timestampMs / 1000, ...Object.fromEntries(fields) };
};
