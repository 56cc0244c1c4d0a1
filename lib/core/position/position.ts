/**
 * One GPS fix of one device. Everything but time and place is optional: absent means that the device did not
 * report it, and costs nothing in a segment.
 */
export interface Position {
  /** Milliseconds since 1970-01-01T00:00:00Z, an integer. */
  readonly timestampMs: number;
  /** WGS 84 degrees, -90 to 90. */
  readonly latitude: number;
  /** WGS 84 degrees, -180 to 180. */
  readonly longitude: number;
  readonly elevationMeters?: number;
  /** Radius of the circle that holds the true place with 68 % probability. */
  readonly accuracyMeters?: number;
  /** Clockwise from true north, 0 to 360. */
  readonly bearingDegrees?: number;
  readonly speedMetersPerSecond?: number;
  readonly satellites?: number;
  readonly hdop?: number;
  readonly vdop?: number;
  readonly pdop?: number;
  /** Distance from the position before, as the device or the recording reports it. */
  readonly distanceMeters?: number;
  /** Time since the position before, as the device or the recording reports it. */
  readonly elapsedSeconds?: number;
}

/** How one field of a position is named, quantised and bounded. */
export interface PositionField {
  readonly name: Exclude<keyof Position, "timestampMs">;
  /** Its name in the course's recordings and API. */
  readonly courseName: string;
  /** Quanta per unit: the field is held as `Math.round(value * quantaPerUnit)`, a 32-bit integer. */
  readonly quantaPerUnit: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly required: boolean;
}

const field = (
  name: PositionField["name"],
  courseName: string,
  quantaPerUnit: number,
  minimum: number,
  maximum: number,
  required = false,
): PositionField => ({ name, courseName, quantaPerUnit, minimum, maximum, required });

/**
 * Every field but the timestamp, in the order of a segment's columns. Appending a field is compatible;
 * reordering or removing one needs a new segment version.
 */
export const POSITION_FIELDS: readonly PositionField[] = [
  field("latitude", "latitude", 1e7, -90, 90, true),
  field("longitude", "longitude", 1e7, -180, 180, true),
  field("elevationMeters", "elevation", 100, -20_000, 1_000_000),
  field("accuracyMeters", "accuracy", 100, 0, 1_000_000),
  field("bearingDegrees", "bearing", 100, 0, 360),
  field("speedMetersPerSecond", "speed_meters_per_second", 100, 0, 20_000),
  field("satellites", "satellites", 1, 0, 1_000),
  field("hdop", "hdop", 100, 0, 10_000),
  field("vdop", "vdop", 100, 0, 10_000),
  field("pdop", "pdop", 100, 0, 10_000),
  field("distanceMeters", "distance_meters", 100, 0, 20_000_000),
  field("elapsedSeconds", "elapsed_time_seconds", 1000, 0, 2_000_000),
];

/** Columns of POSITION_FIELDS that code addresses by name. */
export const LATITUDE = 0;
export const LONGITUDE = 1;
export const ACCURACY = 3;
export const SPEED = 5;

/** What a column holds where the position has no such field. No quantised value can be this. */
export const ABSENT = -0x8000_0000;
