import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { seededRandom } from "../../../test/random-segment.ts";
import { unless } from "../../../test/unless.ts";
import { recordingReader } from "../../adapters/recording-reader.ts";
import type { Position } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { readRecording } from "../recording/import-chunks.ts";
import { advanceDistance, DistanceMeter, trackDistanceMeters } from "./distance.ts";
import { cosineOfLatitude, EARTH_RADIUS_METERS, haversineMeters } from "./haversine.ts";

const T0 = Date.UTC(2026, 10, 20, 12);
const METERS_PER_DEGREE = (EARTH_RADIUS_METERS * Math.PI) / 180;

const meters = (positions: Iterable<Position>): number => trackDistanceMeters(PositionBuffer.from(positions));

const between = (lat1: number, lon1: number, lat2: number, lon2: number): number => {
  const [a, b, c, d] = [lat1, lon1, lat2, lon2].map((degrees) => Math.round(degrees * 1e7));
  return haversineMeters(a, b, cosineOfLatitude(a), c, d, cosineOfLatitude(c));
};

/** Straight north, one position a second. */
const drive = (count: number, metersPerSecond: number, extra: Partial<Position> = {}): Position[] =>
  Array.from({ length: count }, (_, index) => ({
    timestampMs: T0 + index * 1000,
    latitude: 45 + (index * metersPerSecond) / METERS_PER_DEGREE,
    longitude: 7,
    ...extra,
  }));

describe("haversine", () => {
  test.each([
    ["a degree of the equator", 0, 0, 0, 1, METERS_PER_DEGREE],
    ["a quarter of a meridian", 0, 30, 90, 30, 90 * METERS_PER_DEGREE],
    [
      "over the antimeridian",
      10,
      179.9995,
      10,
      -179.9995,
      0.001 * METERS_PER_DEGREE * Math.cos(Math.PI / 18),
    ],
    ["over the pole", 89.9, 20, 89.9, -160, 0.2 * METERS_PER_DEGREE],
    ["antipodes", 12.3456789, 20, -12.3456789, -160, Math.PI * EARTH_RADIUS_METERS],
    ["the same place", 45, 7, 45, 7, 0],
    ["one quantum north", 45, 7, 45.0000001, 7, METERS_PER_DEGREE / 1e7],
  ])("%s", (_, lat1, lon1, lat2, lon2, expected) => {
    expect(between(lat1, lon1, lat2, lon2)).toBeCloseTo(expected, 4);
  });

  test("its short cut for short hops agrees with the plain formula", () => {
    const degrees = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });
    const property = fc.property(
      degrees(89),
      degrees(179),
      degrees(0.5),
      degrees(0.5),
      (latitude, longitude, north, east) => {
        const to = { latitude: latitude + north, longitude: longitude + east };
        const [a, b, c, d] = [latitude, longitude, to.latitude, to.longitude].map(
          (value) => (Math.round(value * 1e7) / 1e7) * (Math.PI / 180),
        );
        const h = Math.sin((c - a) / 2) ** 2 + Math.cos(a) * Math.cos(c) * Math.sin((d - b) / 2) ** 2;
        const plain = 2 * EARTH_RADIUS_METERS * Math.asin(Math.sqrt(h));
        const actual = between(latitude, longitude, to.latitude, to.longitude);
        expect(Math.abs(actual - plain)).toBeLessThan(1e-6 + plain * 1e-9);
      },
    );
    fc.assert(property, { numRuns: propertyRuns(2000) });
  });
});

describe("what counts", () => {
  test("a drive without speeds and accuracies", () => {
    expect(meters(drive(100, 30))).toBeCloseTo(99 * 30, 2);
  });

  test("two positions far apart", () => {
    expect(meters([drive(1, 0)[0], drive(61, 25)[60]])).toBeCloseTo(1500, 2);
  });

  test("a walk with reported speed", () => {
    expect(meters(drive(600, 1.4, { speedMetersPerSecond: 1.4, accuracyMeters: 5 }))).toBeCloseTo(
      599 * 1.4,
      1,
    );
  });

  test("a drive over the antimeridian", () => {
    const positions = drive(200, 0).map((position, index) => {
      const longitude = 179.99 + index * 0.0002;
      return { ...position, latitude: 0, longitude: longitude > 180 ? longitude - 360 : longitude };
    });
    expect(meters(positions)).toBeCloseTo(199 * 0.0002 * METERS_PER_DEGREE, 1);
  });

  test.each([1, 10, 100, 1000])(
    "the same drive at %dx: nothing is a glitch when everything would be",
    (rate) => {
      const positions = drive(500, 14, { speedMetersPerSecond: 14 }).map((position, index) => ({
        ...position,
        timestampMs: T0 + Math.round((index * 1000) / rate),
      }));
      const actual = meters(positions);
      // The last hop may wait for its confirmation.
      expect(actual).toBeGreaterThan(498 * 14 - 1);
      expect(actual).toBeLessThan(499 * 14 + 1);
    },
  );

  test("a ferry whose speed sensor says 0", () => {
    expect(meters(drive(1000, 8, { speedMetersPerSecond: 0, accuracyMeters: 5 }))).toBeGreaterThan(
      999 * 8 * 0.98,
    );
  });

  test("a device that knows no better than a few hundred metres", () => {
    const positions = drive(50, 2000, { accuracyMeters: 400 }).map((position, index) => ({
      ...position,
      timestampMs: T0 + index * 120_000,
    }));
    expect(meters(positions)).toBeCloseTo(49 * 2000, 0);
  });
});

describe("what does not", () => {
  const glitch = (positions: Position[], index: number, change: Partial<Position>): Position[] =>
    positions.with(index, { ...positions[index], ...change });

  test.each([1, 50, 98])("a single glitch at position %d of a drive", (index) => {
    const plain = drive(100, 30, { speedMetersPerSecond: 30 });
    const latitude = plain[index].latitude + 0.05;
    expect(meters(glitch(plain, index, { latitude }))).toBeCloseTo(99 * 30, 1);
  });

  test("a glitch at the end", () => {
    const plain = drive(100, 30);
    expect(meters(glitch(plain, 99, { longitude: 8 }))).toBeCloseTo(98 * 30, 1);
  });

  test("a position from a cell tower amid a drive", () => {
    const plain = drive(100, 30, { accuracyMeters: 6, speedMetersPerSecond: 30 });
    const tower = { latitude: plain[40].latitude, longitude: 7.004, accuracyMeters: 900 };
    expect(meters(glitch(plain, 40, tower))).toBeCloseTo(99 * 30, 1);
  });

  test.each([
    ["that reports speed and accuracy", 3, true, true],
    ["that reports speed and accuracy, badly", 5, true, true],
    ["that reports accuracy", 4, true, false],
    ["that reports neither", 4, false, false],
  ])("a parked car %s, for eight hours", (_, sigmaMeters, reportsAccuracy, reportsSpeed) => {
    for (const memory of [0, 0.9, 0.99]) {
      const random = seededRandom(7);
      const gaussian = (): number =>
        Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      let north = 0;
      let east = 0;
      const step = Math.sqrt(1 - memory * memory) * sigmaMeters;
      const parked = drive(8 * 3600, 0).map((position): Position => {
        north = memory * north + step * gaussian();
        east = memory * east + step * gaussian();
        return {
          ...position,
          latitude: position.latitude + north / METERS_PER_DEGREE,
          longitude: position.longitude + east / METERS_PER_DEGREE / Math.cos(Math.PI / 4),
          ...(reportsAccuracy && { accuracyMeters: 1.5 * sigmaMeters }),
          ...(reportsSpeed && { speedMetersPerSecond: Math.abs(0.2 * gaussian()) }),
        };
      });
      expect(meters(parked)).toBeLessThan(50);
    }
  });

  test("what was driven before and after a stop still counts", () => {
    const there = drive(100, 20, { speedMetersPerSecond: 20 });
    const end = there[99];
    const stop = drive(600, 0, { speedMetersPerSecond: 0 }).map((position, index) => ({
      ...position,
      latitude: end.latitude + (((index * 7) % 5) - 2) * 1e-5,
      timestampMs: end.timestampMs + (index + 1) * 1000,
    }));
    const on = there.map((position) => ({
      ...position,
      latitude: position.latitude - 45 + end.latitude,
      timestampMs: position.timestampMs + 1_000_000,
    }));
    expect(Math.abs(meters([...there, ...stop, ...on]) - 2 * 99 * 20)).toBeLessThan(10);
  });
});

test("a track cut anywhere, its state stored in between, is as long as the whole", () => {
  const position = fc.record({
    timestampMs: fc.nat({ max: 400_000 }).map((offset) => T0 + offset),
    latitude: fc.integer({ min: 0, max: 300 }).map((steps) => 45 + steps * 2e-5),
    longitude: fc.constantFrom(7, 7.0001, 7.5),
    accuracyMeters: fc.constantFrom(undefined, 4, 30, 500),
    speedMetersPerSecond: fc.constantFrom(undefined, 0, 0.4, 15),
  }) as fc.Arbitrary<Position>;
  const property = fc.property(
    fc.array(position, { maxLength: 60 }),
    fc.array(fc.nat({ max: 60 })),
    (positions, cuts) => {
      const buffer = PositionBuffer.from(positions.toSorted((a, b) => a.timestampMs - b.timestampMs));
      let state = new DistanceMeter().state();
      let from = 0;
      let longest = 0;
      for (const to of [...cuts, buffer.count]
        .map((cut) => Math.min(cut, buffer.count))
        .sort((a, b) => a - b)) {
        state = advanceDistance(JSON.parse(JSON.stringify(state)), buffer, from, to);
        expect(state.meters).toBeGreaterThanOrEqual(longest);
        longest = state.meters;
        from = to;
      }
      expect(state.meters).toBe(trackDistanceMeters(buffer));
    },
  );
  fc.assert(property, { numRuns: propertyRuns(1000) });
});

const REAL_DRIVE = new URL("../../../../shared/data/dataset_gps.csv", import.meta.url);
const REAL_METERS = 13_811.8;

describe(
  "a real drive",
  unless(existsSync(REAL_DRIVE) ? undefined : "no real recording at ../shared/data/dataset_gps.csv"),
  async () => {
    const { positions } = existsSync(REAL_DRIVE)
      ? await readRecording(recordingReader, [readFileSync(REAL_DRIVE)], Date.UTC(2026, 10, 20))
      : { positions: new PositionBuffer() };

    test.each([1, 10, 100])("is as long as its own distances say, within 1 %%, at %dx", (rate) => {
      const [first] = positions;
      const faster = [...positions].map((position) => ({
        ...position,
        timestampMs: Math.round(first.timestampMs + (position.timestampMs - first.timestampMs) / rate),
      }));
      expect(Math.abs(meters(faster) / REAL_METERS - 1)).toBeLessThan(0.01);
    });

    test("and without speeds and accuracies", () => {
      const bare = [...positions].map(({ timestampMs, latitude, longitude }) => ({
        timestampMs,
        latitude,
        longitude,
      }));
      expect(Math.abs(meters(bare) / REAL_METERS - 1)).toBeLessThan(0.01);
    });
  },
);
