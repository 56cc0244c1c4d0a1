import { readFileSync } from "node:fs";

/*
 * A recorded drive and its figures, computed independently of the project: plain objects and plain sums over
 * the file's own numbers. A change to either calculation must show up against the other.
 */

export interface Row {
  readonly timestampMs: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly speed: number;
}

/** Reads what the tests need from a course CSV. Only for files whose fields have no quotes. */
export const readDrive = (path: string): Row[] => {
  const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const columns = header.split(",");
  const at = (values: readonly string[], column: string): number => Number(values[columns.indexOf(column)]);
  return lines.map((line) => {
    const values = line.split(",");
    return {
      timestampMs: Math.round(at(values, "timestamp") * 1000),
      latitude: at(values, "latitude"),
      longitude: at(values, "longitude"),
      speed: at(values, "speed_meters_per_second"),
    };
  });
};

/** By the angle between two directions from the earth's centre, not by the haversine formula. */
const metersBetween = (one: Row, other: Row): number => {
  const direction = ({ latitude, longitude }: Row) => {
    const [phi, lambda] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
  };
  const [a, b] = [direction(one), direction(other)];
  return 6_371_008.8 * 2 * Math.asin(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2);
};

/** The distance driven: every hop on which the car reports that it moves. */
export const drivenMeters = (rows: readonly Row[]): number =>
  rows
    .slice(1)
    .filter((row, index) => row.speed + rows[index].speed > 1)
    .reduce((sum, row) => sum + metersBetween(rows[rows.indexOf(row) - 1], row), 0);

/**
 * The mean reported speed at 10,000 moments in the window, each interpolated between the two rows around it.
 */
export const meanSpeed = (rows: readonly Row[], fromMs: number, toMs: number): number => {
  const samples = 10_000;
  let sum = 0;
  let index = 0;
  for (let sample = 0; sample < samples; sample++) {
    const moment = fromMs + ((toMs - fromMs) * (sample + 0.5)) / samples;
    while (index < rows.length - 2 && rows[index + 1].timestampMs <= moment) index++;
    const [before, after] = [rows[index], rows[index + 1]];
    const part = (moment - before.timestampMs) / (after.timestampMs - before.timestampMs);
    sum += before.speed + (after.speed - before.speed) * part;
  }
  return sum / samples;
};
