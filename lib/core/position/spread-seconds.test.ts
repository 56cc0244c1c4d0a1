import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zstd } from "../../adapters/zstd.ts";
import { encodeSegment } from "../segment/segment.ts";
import { decodeRecord } from "../stream/decode-record.ts";
import { parseFleetPositions } from "./parse-fleet-positions.ts";
import { parsePositions } from "./parse-positions.ts";
import { PositionBuffer } from "./position-buffer.ts";
import { lastRunStart, spreadSeconds } from "./spread-seconds.ts";

const T0 = Date.UTC(2026, 10, 20, 12);

/** `[offset in ms, place]` each. */
const bufferOf = (positions: readonly (readonly [number, number])[]): PositionBuffer =>
  PositionBuffer.from(
    positions.map(([offsetMs, place]) => ({ timestampMs: T0 + offsetMs, latitude: place, longitude: 1 })),
  );
const told = (buffer: PositionBuffer) =>
  [...buffer].map(({ timestampMs, latitude }) => [timestampMs - T0, latitude]);

describe("finding 10: several positions of one second", () => {
  test.each<[string, [number, number][], [number, number][], number]>([
    ["none", [], [], 0],
    [
      "one a second stay",
      [
        [0, 1],
        [1000, 2],
      ],
      [
        [0, 1],
        [1000, 2],
      ],
      0,
    ],
    [
      "two places",
      [
        [0, 1],
        [0, 2],
        [1000, 3],
      ],
      [
        [0, 1],
        [500, 2],
        [1000, 3],
      ],
      1,
    ],
    [
      "three places, alone in their request",
      [
        [0, 1],
        [0, 2],
        [0, 3],
      ],
      [
        [0, 1],
        [333, 2],
        [666, 3],
      ],
      2,
    ],
    [
      "the same place twice is a duplicate",
      [
        [0, 1],
        [0, 1],
      ],
      [
        [0, 1],
        [0, 1],
      ],
      0,
    ],
    [
      "a duplicate goes where its like goes",
      [
        [0, 1],
        [0, 2],
        [0, 1],
        [0, 2],
      ],
      [
        [0, 1],
        [500, 2],
        [0, 1],
        [500, 2],
      ],
      2,
    ],
    [
      "the newest first",
      [
        [2000, 9],
        [1000, 2],
        [1000, 1],
        [0, 0],
      ],
      [
        [2000, 9],
        [1500, 2],
        [1000, 1],
        [0, 0],
      ],
      1,
    ],
    [
      "not where a neighbour has a fraction",
      [
        [0, 1],
        [0, 2],
        [1250, 3],
      ],
      [
        [0, 1],
        [0, 2],
        [1250, 3],
      ],
      0,
    ],
    [
      "not where they have one",
      [
        [500, 1],
        [500, 2],
      ],
      [
        [500, 1],
        [500, 2],
      ],
      0,
    ],
  ])("%s", (_, given, expected, count) => {
    const buffer = bufferOf(given);
    expect(spreadSeconds(buffer)).toBe(count);
    expect(told(buffer)).toEqual(expected);
  });

  test("no more than a second has milliseconds", () => {
    const buffer = bufferOf(Array.from({ length: 1001 }, (_, place) => [0, place / 100]));
    expect(spreadSeconds(buffer)).toBe(0);
    expect(lastRunStart(buffer)).toBe(1001);
    buffer.count = 1000;
    expect(lastRunStart(buffer)).toBe(0);
    expect(spreadSeconds(buffer)).toBe(999);
    expect(new Set(buffer.timestampsMs.subarray(0, 1000)).size).toBe(1000);
  });

  const seconds = fc.array(fc.tuple(fc.nat(12), fc.nat(3)), { maxLength: 60 });

  test("order is kept, every place of a second gets a time of its own in it, and once is enough", () => {
    fc.assert(
      fc.property(seconds, (given) => {
        const sorted = given.toSorted(([one], [other]) => one - other);
        const buffer = bufferOf(sorted.map(([second, place]) => [second * 1000, place]));
        spreadSeconds(buffer);
        const times = new Map<string, number>();
        const firsts: number[] = [];
        for (const [index, [second, place]] of sorted.entries()) {
          const timestampMs = buffer.timestampsMs[index] - T0;
          expect(Math.floor(timestampMs / 1000)).toBe(second);
          const before = times.get(`${second} ${place}`);
          if (before === undefined) firsts.push(timestampMs);
          else expect(timestampMs).toBe(before);
          times.set(`${second} ${place}`, timestampMs);
        }
        expect(new Set(firsts).size).toBe(firsts.length);
        expect(firsts).toEqual(firsts.toSorted((one, other) => one - other));
        const again = told(buffer);
        expect(spreadSeconds(buffer)).toBe(0);
        expect(told(buffer)).toEqual(again);
      }),
      { numRuns: 300 },
    );
  });

  test("a body, a body of a fleet and a record in either form come to the same, however often they come", () => {
    const elements = [0, 0, 0, 1, 2, 2].map((second, place) => ({
      deviceId: "van-7",
      timestamp: T0 / 1000 + second,
      latitude: place,
      longitude: 1,
    }));
    const expected = [0, 333, 666, 1000, 2000, 2500];
    const bytes = new TextEncoder().encode(JSON.stringify(elements));
    const offsets = (positions?: PositionBuffer) => told(positions ?? new PositionBuffer()).map(([ms]) => ms);
    const record = (data: Uint8Array) =>
      decodeRecord({ partitionKey: "van-7", data, arrivedAtMs: T0 + 60_000 }, zstd).positions;
    const parsed = parsePositions(bytes, T0 + 60_000, "van-7").positions;
    expect(offsets(parsed)).toEqual(expected);
    const limit = { isAllowed: () => true, rule: "" };
    expect(offsets(parseFleetPositions(bytes, T0 + 60_000, limit).positions.get("van-7"))).toEqual(expected);
    expect(offsets(record(bytes))).toEqual(expected);
    expect(offsets(record(bytes))).toEqual(expected);
    const whole = bufferOf([0, 0, 0, 1, 2, 2].map((second, place) => [second * 1000, place]));
    expect(offsets(record(encodeSegment(whole)))).toEqual(expected);
    expect(offsets(record(encodeSegment(parsed)))).toEqual(expected);
  });
});
