import { describe, expect, test } from "vitest";
import type { Position } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { averageSpeed } from "./average-speed.ts";
import { EARTH_RADIUS_METERS } from "./haversine.ts";

const T0 = Date.UTC(2026, 10, 20, 12);
const METERS_PER_DEGREE = (EARTH_RADIUS_METERS * Math.PI) / 180;

/** `[seconds, metres per second]`; undefined where the device reports no speed. */
const track = (...samples: readonly (readonly [number, number | undefined])[]): PositionBuffer =>
  PositionBuffer.from(
    samples.map(
      ([seconds, speedMetersPerSecond]): Position => ({
        timestampMs: T0 + seconds * 1000,
        latitude: 45,
        longitude: 7,
        ...(speedMetersPerSecond !== undefined && { speedMetersPerSecond }),
      }),
    ),
  );

const average = (positions: PositionBuffer, fromSeconds: number, toSeconds: number) =>
  averageSpeed(positions, T0 + fromSeconds * 1000, T0 + toSeconds * 1000);

describe("average speed", () => {
  test("integrates by trapezoids: time counts, not samples", () => {
    // 10 s at 10 m/s in one hop, then five samples within a second at 20 m/s.
    const positions = track([0, 10], [10, 10], [10.2, 20], [10.4, 20], [10.6, 20], [10.8, 20], [11, 20]);
    const { averageSpeedMetersPerSecond, coverage, positionCount } = average(positions, 0, 11);
    expect(averageSpeedMetersPerSecond).toBeCloseTo((100 + 0.2 * 15 + 0.8 * 20) / 11, 9);
    expect(coverage).toBe(1);
    expect(positionCount).toBe(7);
  });

  test("interpolates where the window cuts a hop", () => {
    // From 0 to 20 m/s in 10 s; the window has seconds 2.5 to 7.5: the middle speed is 10.
    const { averageSpeedMetersPerSecond, coverage, positionCount } = average(
      track([0, 0], [10, 20]),
      2.5,
      7.5,
    );
    expect(averageSpeedMetersPerSecond).toBeCloseTo(10, 9);
    expect(coverage).toBe(1);
    expect(positionCount).toBe(0);
    expect(average(track([0, 0], [10, 20]), 7, 10).averageSpeedMetersPerSecond).toBeCloseTo(17, 9);
  });

  test("does not bridge a gap, and says what it covers", () => {
    const positions = track([0, 10], [1, 10], [2, 10], [62, 30], [63, 30], [64, 30]);
    const { averageSpeedMetersPerSecond, coverage } = average(positions, 0, 64);
    expect(averageSpeedMetersPerSecond).toBeCloseTo(20, 9);
    expect(coverage).toBeCloseTo(4 / 64, 9);
  });

  test("bridges up to 30 s, and three median intervals of a device that reports rarely", () => {
    expect(average(track([0, 10], [1, 10], [2, 10], [32, 10]), 0, 32).coverage).toBe(1);
    expect(average(track([0, 10], [1, 10], [2, 10], [32.1, 10]), 0, 32.1).coverage).toBeLessThan(0.1);
    expect(average(track([0, 10], [60, 10], [120, 10], [300, 10]), 0, 300).coverage).toBe(1);
    expect(average(track([0, 10], [60, 10], [120, 10], [301, 10]), 0, 301).coverage).toBeLessThan(0.5);
  });

  test("of a window that reaches beyond the positions covers a part of it", () => {
    const { averageSpeedMetersPerSecond, coverage } = average(track([0, 12], [5, 12]), -5, 15);
    expect(averageSpeedMetersPerSecond).toBeCloseTo(12, 9);
    expect(coverage).toBe(0.25);
  });

  test("without coverage is the last speed that was reported by then", () => {
    expect(average(track([0, 12], [5, 7], [9, 3]), 6, 6)).toEqual({
      averageSpeedMetersPerSecond: 7,
      coverage: 0,
      positionCount: 0,
    });
    expect(average(track([0, 12]), 10, 20)).toMatchObject({ averageSpeedMetersPerSecond: 12, coverage: 0 });
    expect(average(track(), 0, 10)).toEqual({
      averageSpeedMetersPerSecond: 0,
      coverage: 0,
      positionCount: 0,
    });
    expect(average(track([0, undefined]), 0, 10).averageSpeedMetersPerSecond).toBe(0);
  });

  test("is distance by time where no speed is reported", () => {
    const positions = PositionBuffer.from(
      Array.from({ length: 61 }, (_, index) => ({
        timestampMs: T0 + index * 1000,
        latitude: 45 + (index * 25) / METERS_PER_DEGREE,
        longitude: 7,
      })),
    );
    const { averageSpeedMetersPerSecond, coverage } = average(positions, 10, 50);
    expect(averageSpeedMetersPerSecond).toBeCloseTo(25, 3);
    expect(coverage).toBe(1);
  });

  test("of a parked car that reports no speed is 0", () => {
    const positions = PositionBuffer.from(
      Array.from({ length: 120 }, (_, index) => ({
        timestampMs: T0 + index * 1000,
        latitude: 45 + (((index * 7) % 11) - 5) / METERS_PER_DEGREE,
        longitude: 7,
      })),
    );
    expect(average(positions, 0, 119)).toEqual({
      averageSpeedMetersPerSecond: 0,
      coverage: 1,
      positionCount: 120,
    });
  });
});
