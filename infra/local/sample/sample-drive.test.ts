import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { POSITION_FIELDS } from "../../../lib/core/position/position.ts";
import { sampleDriveCsv } from "./sample-drive.ts";

const csv = sampleDriveCsv();
const [header, ...lines] = csv.trimEnd().split("\n");
const columns = header.split(",");
const rows = lines.map((line) => {
  const values = line.split(",").map(Number);
  return Object.fromEntries(columns.map((column, index) => [column, values[index]]));
});
const total = (column: string): number => rows.reduce((sum, row) => sum + row[column], 0);

test("the committed file is what the generator makes", () => {
  expect(readFileSync(new URL("./sample-drive.csv", import.meta.url), "utf8")).toBe(csv);
});

test("it has the course's 13 columns, and a number in each", () => {
  expect(columns).toEqual(["timestamp", ...POSITION_FIELDS.map(({ courseName }) => courseName)]);
  expect(rows.every((row) => columns.every((column) => Number.isFinite(row[column])))).toBe(true);
});

test("it is a drive of 12 to 15 minutes at about 1 Hz, with jitter and a few gaps", () => {
  const intervals = rows.slice(1).map((row) => row.elapsed_time_seconds);
  const seconds = rows[rows.length - 1].timestamp - rows[0].timestamp;
  expect(seconds).toBeGreaterThan(12 * 60);
  expect(seconds).toBeLessThan(15 * 60);
  expect(total("elapsed_time_seconds")).toBeCloseTo(seconds, 1);
  expect(new Set(intervals).size).toBeGreaterThan(20);
  expect(intervals.filter((interval) => interval > 1.5).length).toBeGreaterThan(3);
  expect(Math.min(...intervals)).toBeGreaterThan(0.9);
});

test("speed, distance and places agree", () => {
  const bySpeed = rows
    .slice(1)
    .reduce(
      (sum, row, index) =>
        sum +
        ((row.speed_meters_per_second + rows[index].speed_meters_per_second) / 2) * row.elapsed_time_seconds,
      0,
    );
  expect(bySpeed / total("distance_meters")).toBeGreaterThan(0.97);
  expect(bySpeed / total("distance_meters")).toBeLessThan(1.01);
  expect(Math.max(...rows.map((row) => row.speed_meters_per_second))).toBeGreaterThan(20);
  expect(Math.max(...rows.map((row) => row.speed_meters_per_second))).toBeLessThan(25);
});

test("it stands at both ends and at traffic lights, and ends where it began", () => {
  const standing = rows.map((row) => row.speed_meters_per_second < 0.4);
  expect(standing.slice(0, 15).every(Boolean)).toBe(true);
  expect(standing.slice(-12).every(Boolean)).toBe(true);
  const stops = standing.filter((now, index) => now && !standing[index - 1]).length;
  expect(stops).toBeGreaterThan(5);
  const [first, last] = [rows[0], rows[rows.length - 1]];
  expect(Math.abs(first.latitude - last.latitude)).toBeLessThan(2e-4);
  expect(Math.abs(first.longitude - last.longitude)).toBeLessThan(2e-4);
});

test("the less sky, the poorer the accuracy", () => {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const accuracyWhere = (condition: (hdop: number) => boolean): number =>
    mean(rows.filter((row) => condition(row.hdop)).map((row) => row.accuracy));
  expect(accuracyWhere((hdop) => hdop > 1.5)).toBeGreaterThan(1.5 * accuracyWhere((hdop) => hdop < 1));
});
