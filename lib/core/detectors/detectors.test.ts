import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { standingAfter } from "../../../test/tracking/oracle.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import {
  DETECTORS,
  decodeDetections,
  encodeDetections,
  hasAllDetections,
  NOTHING_DETECTED,
  stepDetections,
} from "./detectors.ts";
import { standing } from "./standing.ts";

const T0 = Date.UTC(2026, 10, 20, 12);

/** Positions a second apart with these speeds. */
const driveOf = (speeds: readonly (number | undefined)[]) =>
  speeds.map((speed, second) => ({
    timestampMs: T0 + second * 1000,
    latitude: 1,
    longitude: 2,
    ...(speed !== undefined && { speedMetersPerSecond: speed }),
  }));

const speeds = fc.array(fc.constantFrom(0, 0.49, 0.5, 12, undefined), { maxLength: 30 });

describe("standing", () => {
  test.each([
    ["no position", [], undefined],
    ["moving", [0, 3], undefined],
    ["standing at last", [0, 3, 0.49, 0], 2],
    ["at the limit it moves", [0, 0.5], undefined],
    ["without a speed nobody knows", [0, undefined], undefined],
    ["standing again after that", [0, undefined, 0], 2],
  ])("%s", (_, given, second) => {
    const after = standing.step(standing.initial, PositionBuffer.from(driveOf(given)), 0, given.length);
    expect(after).toEqual(second === undefined ? {} : { sinceMs: T0 + second * 1000 });
  });

  test("is the same wherever the fold is cut, and what was stored goes on", () => {
    const property = fc.property(speeds, fc.nat({ max: 30 }), fc.nat({ max: 30 }), (given, one, other) => {
      const drive = driveOf(given);
      const buffer = PositionBuffer.from(drive);
      const cuts = [0, ...[one, other].map((cut) => Math.min(cut, given.length)).sort((a, b) => a - b)];
      const after = [...cuts, given.length].slice(1).reduce((state, to, index) => {
        const stepped = stepDetections(state, buffer, cuts[index], to);
        return decodeDetections(encodeDetections(stepped));
      }, NOTHING_DETECTED);
      expect(after).toEqual({ standing: standingAfter(drive) });
    });
    fc.assert(property, { numRuns: 200 });
  });
});

describe("detectors", () => {
  test("have ids of their own that fit a byte, and no bytes at their beginning", () => {
    const all = Object.values(DETECTORS);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { id } of all) expect(id).toBe(id & 255);
    expect(encodeDetections(NOTHING_DETECTED)).toEqual([]);
    expect(decodeDetections([])).toEqual(NOTHING_DETECTED);
  });

  test("take no more bytes than they say, up to the year 10889", () => {
    const states = [0, 1, T0, 2 ** 48 - 1].map((sinceMs) => ({ sinceMs }));
    for (const state of states) {
      const bytes = standing.encode(state);
      expect(bytes.length).toBeLessThanOrEqual(standing.maximumBytes);
      expect(standing.decode(bytes)).toEqual(state);
    }
    expect(() => standing.decode(new Uint8Array(5))).toThrow(RangeError);
  });

  test("bytes of a detector that is gone are dropped, and a new one is missing in what was kept before", () => {
    expect(decodeDetections([{ id: 255, bytes: new Uint8Array(3) }])).toEqual(NOTHING_DETECTED);
    expect([undefined, {}, NOTHING_DETECTED].map(hasAllDetections)).toEqual([false, false, true]);
  });
});
