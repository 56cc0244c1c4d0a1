import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { mutateBytes, randomPositions, seededRandom } from "../../../test/random-segment.ts";
import { zstd } from "../../adapters/zstd.ts";
import { RecordError } from "../errors.ts";
import { GPS_EPOCH_MS } from "../position/parse-timestamp.ts";
import { POSITION_FIELDS } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { compressSegment, encodeSegment } from "../segment/segment.ts";
import { decodeRecord } from "./decode-record.ts";

const ARRIVED = Date.UTC(2026, 10, 20, 12);
const T0 = Date.UTC(2026, 10, 1);
const PLACE = { timestamp: ARRIVED - 1000, latitude: 47, longitude: 19 };
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const decode = (data: Uint8Array, partitionKey = "van-7") =>
  decodeRecord({ partitionKey, data, arrivedAtMs: ARRIVED }, zstd);

test("reads JSON of any form, and checks the device that it names", () => {
  expect(decode(json(PLACE))).toMatchObject({ deviceId: "van-7", positions: { count: 1 }, problems: [] });
  const { positions, problems } = decode(
    json([PLACE, { ...PLACE, deviceId: "van-8" }, { ...PLACE, latitude: -91 }]),
  );
  expect(positions.count).toBe(1);
  expect(problems.map(({ index, field }) => [index, field])).toEqual([
    [1, "deviceId"],
    [2, "latitude"],
  ]);
});

test("reads a segment, compressed or not", () => {
  const buffer = PositionBuffer.from(
    Array.from({ length: 400 }, (_, index) => ({
      timestampMs: ARRIVED - 400_000 + 997 * index,
      latitude: 47 + Math.sin(index) / 100,
      longitude: 19,
    })),
  );
  const segment = encodeSegment(buffer);
  const compressed = Uint8Array.from([2, ...zstd.compress(Uint8Array.from([1, ...segment.subarray(1, -4)]))]);
  for (const data of [segment, compressed, compressSegment(segment, zstd)]) {
    const { deviceId, positions, problems } = decode(data);
    expect(deviceId).toBe("van-7");
    expect(problems).toEqual([]);
    expect([...positions]).toEqual([...buffer]);
  }
});

describe("a segment is held to the same rules as JSON", () => {
  const AHEAD = 5 * 60 * 1000;

  test("what breaks one is refused by index; the rest is kept in order", () => {
    const buffer = PositionBuffer.from([
      { timestampMs: T0 + 1000, latitude: 1, longitude: 1 },
      { timestampMs: ARRIVED + AHEAD + 1, latitude: 2, longitude: 2 },
      { timestampMs: T0 + 3000, latitude: 91, longitude: 181, hdop: -1 },
      { timestampMs: ARRIVED + AHEAD, latitude: 90, longitude: -180 },
      { timestampMs: T0 + 5000, latitude: 5, longitude: 5 },
    ]);
    buffer.columns[0][4] = -0x8000_0000;
    const { positions, problems } = decode(encodeSegment(buffer));
    expect([...positions].map(({ timestampMs }) => timestampMs)).toEqual([T0 + 1000, ARRIVED + AHEAD]);
    expect(problems).toEqual([
      {
        index: 1,
        field: "timestamp",
        value: ARRIVED + AHEAD + 1,
        rule: expect.stringContaining("5 minutes after"),
      },
      { index: 2, field: "latitude", value: 91, rule: "must be between -90 and 90" },
      { index: 2, field: "longitude", value: 181, rule: "must be between -180 and 180" },
      { index: 2, field: "hdop", value: -1, rule: "must be between 0 and 10000" },
      { index: 4, field: "latitude", rule: "is missing" },
    ]);
  });

  test("a segment of nothing but wrong positions is not as many problems", () => {
    const wrong = PositionBuffer.from(
      Array.from({ length: 20_000 }, () => ({ timestampMs: T0, latitude: 91, longitude: 181 })),
    );
    const { positions, problems } = decode(encodeSegment(wrong));
    expect(positions.count).toBe(0);
    expect(problems.length).toBe(1001);
    expect(problems.at(-1)?.rule).toContain("39000 more");
  });

  test("finding 25: what is before GPS began is refused, in milliseconds and not in seconds", () => {
    // 5e8 as seconds would be 1985.
    const buffer = PositionBuffer.from(
      [5e8, GPS_EPOCH_MS - 1, GPS_EPOCH_MS].map((timestampMs) => ({
        timestampMs,
        latitude: 1,
        longitude: 1,
      })),
    );
    const { positions, problems } = decode(encodeSegment(buffer));
    expect([...positions].map(({ timestampMs }) => timestampMs)).toEqual([GPS_EPOCH_MS]);
    const rule = "must not be before 1980-01-06T00:00:00.000Z, when GPS began";
    expect(problems).toEqual([
      { index: 0, field: "timestamp", value: 5e8, rule },
      { index: 1, field: "timestamp", value: GPS_EPOCH_MS - 1, rule },
    ]);
  });

  test("whatever the segment holds, only valid positions come out", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, count) => {
        const { positions, problems } = decode(encodeSegment(randomPositions(seededRandom(seed), count)));
        const refused = new Set(problems.flatMap(({ index }) => index ?? []));
        expect(positions.count + refused.size).toBe(count);
        for (const position of positions) {
          expect(position.timestampMs).toBeLessThanOrEqual(ARRIVED + AHEAD);
          for (const { name, minimum, maximum, required } of POSITION_FIELDS) {
            const value = position[name];
            if (value === undefined) expect(required).toBe(false);
            else expect(value >= minimum && value <= maximum).toBe(true);
          }
        }
      }),
      { numRuns: propertyRuns(1000) },
    );
  });

  test("is the same whenever it is redelivered", () => {
    const data = json({ ...PLACE, timestamp: ARRIVED + AHEAD + 1 });
    expect(decode(data)).toEqual(decode(data));
    expect(decode(data).problems).toHaveLength(1);
  });
});

describe("RecordError, and nothing else", () => {
  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(), "van-7"],
    ["text", new TextEncoder().encode("hello"), "van-7"],
    ["a broken segment", Uint8Array.of(1, 200), "van-7"],
    ["a broken compressed segment", Uint8Array.of(2, 200), "van-7"],
    ["a segment of a later version", Uint8Array.of(5, 0), "van-7"],
    ["no device", json(PLACE), ""],
    ["a device id with a slash", json(PLACE), "a/b"],
    ["a device id that is too long", json(PLACE), "a".repeat(129)],
  ])("for %s", (_, data, partitionKey) => {
    expect(() => decode(data, partitionKey)).toThrow(RecordError);
  });

  test("keeps the reason and where JSON broke", () => {
    expect(() => decode(new TextEncoder().encode("[{},{]"))).toThrow("line 1, column 6 (element 1)");
  });

  test("for any bytes", () => {
    const property = fc.property(fc.integer(), fc.nat(60), (seed, length) => {
      const random = seededRandom(seed);
      const valid = random() < 0.5 ? json([PLACE, PLACE]) : encodeSegment(randomPositions(random, length));
      const bytes =
        random() < 0.3 ? Uint8Array.from({ length }, () => random() * 256) : mutateBytes(random, valid);
      try {
        decode(bytes);
      } catch (error) {
        return error instanceof RecordError;
      }
      return true;
    });
    fc.assert(property, { numRuns: propertyRuns(20_000) });
  });
});
