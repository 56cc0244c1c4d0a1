import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { InvalidInputError } from "../errors.ts";
import { appendPosition, parsePosition, toJson } from "./parse-position.ts";
import { POSITION_FIELDS } from "./position.ts";
import { PositionBuffer } from "./position-buffer.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const PLACE = { timestamp: "2026-05-04T12:00:00.000Z", latitude: 47.5, longitude: 19.25 };

const problemsOf = (value: unknown) => {
  try {
    parsePosition(value, NOW);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  return [];
};

describe("fields", () => {
  test.each(POSITION_FIELDS)("$name is read by our name and by the course's, $courseName", (field) => {
    for (const name of [field.name, field.courseName]) {
      for (const value of [field.minimum, field.maximum, String(field.maximum), ` ${field.minimum} `]) {
        expect(parsePosition({ ...PLACE, [name]: value }, NOW)[field.name]).toBe(Number(value) + 0);
      }
    }
  });

  test.each(POSITION_FIELDS)("$name is bounded", (field) => {
    for (const value of [field.minimum - 0.01, field.maximum + 0.01, field.maximum * 1e300]) {
      expect(problemsOf({ ...PLACE, [field.courseName]: value })).toEqual([
        expect.objectContaining({
          field: field.courseName,
          rule: `must be between ${field.minimum} and ${field.maximum}`,
        }),
      ]);
    }
  });

  test("values are quantised", () => {
    const position = parsePosition(
      { ...PLACE, latitude: 1.234567891, bearing: 359.996, elevation: -0.001 },
      NOW,
    );
    expect(position).toEqual({
      timestampMs: Date.UTC(2026, 4, 4, 12),
      latitude: 1.2345679,
      longitude: 19.25,
      bearingDegrees: 360,
      elevationMeters: 0,
    });
  });

  test("null, empty text and absent mean not reported; other fields are ignored", () => {
    const value = { ...PLACE, elevation: null, accuracy: "", bearing: "  ", provider: "gps", battery: {} };
    expect(parsePosition(value, NOW)).toEqual(parsePosition(PLACE, NOW));
  });

  test("our name wins over the course's", () => {
    const both = { ...PLACE, speedMetersPerSecond: 3, speed_meters_per_second: 4 };
    expect(parsePosition(both, NOW).speedMetersPerSecond).toBe(3);
    const empty = { ...PLACE, speedMetersPerSecond: null, speed_meters_per_second: 4 };
    expect(parsePosition(empty, NOW).speedMetersPerSecond).toBe(4);
  });
});

describe("what is refused", () => {
  test("every problem is named at once: field, value, rule", () => {
    const value = {
      timestamp: 1577218887999000000,
      latitude: 91,
      speed_meters_per_second: "fast",
      hdop: true,
    };
    expect(problemsOf(value)).toEqual([
      {
        field: "timestamp",
        value: 1577218887999000000,
        rule: "must be seconds, milliseconds or ISO 8601; looks like micro- or nanoseconds",
      },
      { field: "latitude", value: 91, rule: "must be between -90 and 90" },
      { field: "longitude", rule: "is missing" },
      { field: "speed_meters_per_second", value: "fast", rule: "must be a number between 0 and 20000" },
      { field: "hdop", value: true, rule: "must be a number between 0 and 10000" },
    ]);
    expect(() => parsePosition(value, NOW)).toThrow("latitude must be between -90 and 90");
  });

  test.each([
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    ["NaN", "NaN"],
    ["0x2f", "0x2f"],
    ["1,5", "1,5"],
    [[1], "an array of 1"],
    [{ value: 1 }, "a value of type object"],
    ["9".repeat(500), `${"9".repeat(57)}...`],
  ])("latitude %s", (latitude, shown) => {
    expect(problemsOf({ ...PLACE, latitude })).toEqual([
      {
        field: "latitude",
        value: shown,
        rule: expect.stringMatching(/^must be (a number )?between -90 and 90$/),
      },
    ]);
  });

  test.each([null, undefined, 5, "text", true, [], [PLACE]])("%s is not a position", (value) => {
    expect(problemsOf(value)).toEqual([
      expect.objectContaining({ field: "position", rule: "must be a JSON object" }),
    ]);
  });

  test("a refused position leaves the buffer as it was", () => {
    const buffer = new PositionBuffer(1);
    expect(appendPosition(buffer, PLACE, NOW)).toBeUndefined();
    const before = [...buffer];
    expect(appendPosition(buffer, { ...PLACE, latitude: -90.5 }, NOW)).toHaveLength(1);
    expect([...buffer]).toEqual(before);
  });

  test("any JSON gives a position or problems, and nothing else", () => {
    const names = ["timestamp", ...POSITION_FIELDS.flatMap(({ name, courseName }) => [name, courseName])];
    const value = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names), fc.jsonValue()));
    fc.assert(
      fc.property(value, (json) => {
        const buffer = new PositionBuffer(1);
        const problems = appendPosition(buffer, json, NOW);
        expect(buffer.count).toBe(problems === undefined ? 1 : 0);
        if (problems !== undefined) expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: propertyRuns(5000) },
    );
  });
});

test("what the API writes, it reads", () => {
  const position = parsePosition({ ...PLACE, satellites: 14, hdop: 0.8, distance_meters: 12.34 }, NOW);
  const json = toJson(position);
  expect(JSON.stringify(json)).toBe(
    '{"timestamp":"2026-05-04T12:00:00.000Z","latitude":47.5,"longitude":19.25,"satellites":14,"hdop":0.8,"distanceMeters":12.34}',
  );
  expect(parsePosition(JSON.parse(JSON.stringify(json)), NOW)).toEqual(position);
});
