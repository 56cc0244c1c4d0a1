import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import {
  ANY_TIME_SINCE_1970,
  GPS_EPOCH_MS,
  MAXIMUM_AHEAD_MS,
  parseTimestamp,
  timestampRule,
} from "./parse-timestamp.ts";

const NOW = Date.UTC(2026, 10, 20, 12);

describe("numbers", () => {
  test.each([
    [1577218887.999, 1577218887999],
    [1577218887.9996, 1577218888000],
    [1577218887, 1577218887000],
    [1577218887999, 1577218887999],
    [1577218887999.4, 1577218887999],
    ["1577218887.999", 1577218887999],
    [" 1577218887999 ", 1577218887999],
    ["1.577218887999e9", 1577218887999],
    [315964800, GPS_EPOCH_MS],
  ])("%s is %d ms", (value, expected) => {
    expect(parseTimestamp(value, NOW)).toBe(expected);
  });

  test.each([
    [1577218887999000, "micro- or nanoseconds"],
    ["1577218887999000000", "micro- or nanoseconds"],
    [Number.POSITIVE_INFINITY, "micro- or nanoseconds"],
    [-1, "before 1980-01-06T00:00:00.000Z"],
    ["-5", "before 1980-01-06T00:00:00.000Z"],
    [NOW + MAXIMUM_AHEAD_MS + 1, "more than 5 minutes after 2026-11-20T12:00:00.000Z"],
    [Number.NaN, "ISO 8601"],
    ["0x10", "ISO 8601"],
    [true, "ISO 8601"],
    [null, "ISO 8601"],
    [{}, "ISO 8601"],
  ])("%s is refused: %s", (value, rule) => {
    expect(parseTimestamp(value, NOW)).toBeNaN();
    expect(timestampRule(value, NOW)).toContain(rule);
  });
});

describe("ISO 8601", () => {
  test.each([
    ["2026-05-04T12:00:00Z", "2026-05-04T12:00:00.000Z"],
    ["2026-05-04t12:00:00.5z", "2026-05-04T12:00:00.500Z"],
    ["2026-05-04 12:00:00,25Z", "2026-05-04T12:00:00.250Z"],
    ["2026-05-04T12:00Z", "2026-05-04T12:00:00.000Z"],
    ["2026-05-04T12:00:00.123456789Z", "2026-05-04T12:00:00.123Z"],
    ["2026-05-04T12:00:59.9996Z", "2026-05-04T12:01:00.000Z"],
    ["2026-05-04T12:00:00+02:00", "2026-05-04T10:00:00.000Z"],
    ["2026-05-04T23:30:00-0530", "2026-05-05T05:00:00.000Z"],
    ["2026-01-01T01:00:00+02", "2025-12-31T23:00:00.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    [" 2000-02-29T00:00:00Z\n", "2000-02-29T00:00:00.000Z"],
  ])("%s is %s", (text, expected) => {
    expect(new Date(parseTimestamp(text, NOW)).toISOString()).toBe(expected);
  });

  test.each([
    "2026-05-04T12:00:00",
    "2026-05-04",
    "2026-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-05-04T24:00:00Z",
    "2026-05-04T12:60:00Z",
    "2026-05-04T12:00:60Z",
    "2026-05-04T12:00:00.Z",
    "2026-05-04T12:00:00+24:00",
    "2026-05-04T12:00:00+2:00",
    "2026-05-04T12:00:00Zulu",
    "2026-05-04X12:00:00Z",
    "2026/05/04T12:00:00Z",
    "26-05-04T12:00:00Z",
    "4 May 2026 12:00 UTC",
    "yesterday",
    "",
  ])("%s is refused", (text) => {
    expect(parseTimestamp(text, NOW)).toBeNaN();
    expect(timestampRule(text, NOW)).toContain("ISO 8601 with a zone");
  });

  test("agrees with Date for every time that Date writes", () => {
    const later = 8e14;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (timestampMs) => {
        const text = new Date(timestampMs).toISOString();
        expect(parseTimestamp(text, later, ANY_TIME_SINCE_1970)).toBe(timestampMs);
      }),
      { numRuns: propertyRuns(20_000) },
    );
  });
});

describe("finding 7: a clock ahead", () => {
  test("may be 5 minutes ahead of the moment that it is judged at, and not a millisecond more", () => {
    const limit = NOW + 5 * 60 * 1000;
    expect(parseTimestamp(limit, NOW)).toBe(limit);
    for (const late of [limit + 1, NOW + 12 * 3_600_000]) {
      expect(parseTimestamp(late, NOW)).toBeNaN();
      expect(timestampRule(late, NOW)).toBe("must not be more than 5 minutes after 2026-11-20T12:00:00.000Z");
    }
  });

  test("the rule tells another setting", () => {
    const rules = { earliestMs: GPS_EPOCH_MS, maximumAheadMs: 1500 };
    expect(parseTimestamp(NOW + 1500, NOW, rules)).toBe(NOW + 1500);
    expect(timestampRule(NOW + 1501, NOW, rules)).toContain("more than 1.5 seconds after");
  });
});

describe("finding 25: a timestamp before GPS began", () => {
  test.each([0, -0, 5, "5", "1970-01-01T00:00:05Z", "1980-01-05T23:59:59.999Z", 315964799])(
    "%s is refused by a rule that says why",
    (value) => {
      expect(parseTimestamp(value, NOW)).toBeNaN();
      expect(timestampRule(value, NOW)).toBe("must not be before 1980-01-06T00:00:00.000Z, when GPS began");
    },
  );

  test("the first moment of GPS is taken", () => {
    expect(parseTimestamp("1980-01-06T00:00:00Z", NOW)).toBe(GPS_EPOCH_MS);
  });

  test("other rules may allow it, or allow less", () => {
    const simulated = { earliestMs: 0, maximumAheadMs: MAXIMUM_AHEAD_MS };
    expect(parseTimestamp(5, NOW, simulated)).toBe(5000);
    expect(parseTimestamp(0, NOW, simulated)).toBe(0);
    expect(timestampRule(-1, NOW, simulated)).toBe("must not be before 1970-01-01T00:00:00.000Z");
    const recent = { earliestMs: Date.UTC(2020, 0, 1), maximumAheadMs: 0 };
    expect(parseTimestamp(1577218887, NOW, recent)).toBeNaN();
    expect(timestampRule(1577218887, NOW, recent)).toBe("must not be before 2020-01-01T00:00:00.000Z");
  });
});
