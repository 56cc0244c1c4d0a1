import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { type Area, type PlaceBounds, placeFilter } from "./area.ts";

const isShown = (bounds: Partial<PlaceBounds>, latitude: number, longitude: number): boolean =>
  placeFilter({ hidden: [], ...bounds })(PositionBuffer.from([{ timestampMs: 0, latitude, longitude }]), 0);

const box = (west: number, south: number, east: number, north: number): { area: Area } => ({
  area: { west, south, east, north },
});

test("without bounds every place is shown", () => {
  expect(isShown({}, -90, 180)).toBe(true);
});

describe("an area", () => {
  test.each([
    [10, 45, true],
    [15, 46, true],
    [9.9999999, 45.5, false],
    [15.0000001, 45.5, false],
    [12, 44.9999999, false],
    [12, 46.0000001, false],
    [-168, 45.5, false],
  ])("with its edges: %d east, %d north: %s", (longitude, latitude, expected) => {
    expect(isShown(box(10, 45, 15, 46), latitude, longitude)).toBe(expected);
  });

  test.each([
    [170, true],
    [180, true],
    [-180, true],
    [-170, true],
    [-169.9999999, false],
    [169.9999999, false],
    [0, false],
  ])("crosses the antimeridian where west is greater than east: %d east: %s", (longitude, expected) => {
    expect(isShown(box(170, -10, -170, 10), 0, longitude)).toBe(expected);
  });

  test("180 and -180 degrees are one meridian", () => {
    expect(isShown(box(170, -10, 180, 10), 0, -180)).toBe(true);
    expect(isShown(box(-180, -10, -170, 10), 0, 180)).toBe(true);
    expect(isShown(box(170, -10, 179.9999999, 10), 0, -180)).toBe(false);
  });
});

/** Metres through the ground and back onto it: another way to a distance than the one that is tried. */
const metersBetween = (one: readonly number[], other: readonly number[]): number => {
  const vector = ([latitude = 0, longitude = 0]: readonly number[]) => {
    const [phi, lambda] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
  };
  const [from, to] = [vector(one), vector(other)];
  const chord = Math.hypot(...from.map((part, axis) => part - to[axis]));
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, chord / 2));
};

test("a hidden circle hides what is within its radius, wherever on the globe it is", () => {
  const latitude = fc.oneof(
    fc.constantFrom(90, -90, 89.999, 0),
    fc.double({ min: -90, max: 90, noNaN: true }),
  );
  const longitude = fc.oneof(
    fc.constantFrom(180, -180, 179.9995, 0),
    fc.double({ min: -180, max: 180, noNaN: true }),
  );
  const offset = fc.double({ min: -0.01, max: 0.01, noNaN: true });
  fc.assert(
    fc.property(
      latitude,
      longitude,
      offset,
      offset,
      fc.integer({ min: 10, max: 2_000 }),
      (lat, lon, north, east, radius) => {
        const other = [Math.max(-90, Math.min(90, lat + north)), wrapped(lon + east)];
        const meters = metersBetween([lat, lon], other);
        // To the quantum of a position, a centimetre, and the rounding of a chord.
        fc.pre(Math.abs(meters - radius) > 0.1);
        const hidden = [{ latitude: lat, longitude: lon, radiusMeters: radius }];
        expect(isShown({ hidden }, other[0], other[1])).toBe(meters > radius);
      },
    ),
    { numRuns: propertyRuns(2_000) },
  );
});

const wrapped = (longitude: number): number =>
  longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude;

test("of several bounds each must show it", () => {
  const hidden = [
    { latitude: 45.5, longitude: 12, radiusMeters: 100 },
    { latitude: 45.6, longitude: 12, radiusMeters: 100 },
  ];
  const bounds = { ...box(10, 45, 15, 46), hidden };
  expect(isShown(bounds, 45.5, 12)).toBe(false);
  expect(isShown(bounds, 45.6, 12)).toBe(false);
  expect(isShown(bounds, 45.55, 12)).toBe(true);
  expect(isShown(bounds, 44, 12)).toBe(false);
});
