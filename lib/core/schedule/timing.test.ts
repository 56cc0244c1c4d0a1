import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { InvalidInputError } from "../errors.ts";
import { isTimeZone, momentOf, wallTimeAt } from "./time-zone.ts";
import { expressionOf, firstRunAfter, nextRunMs, parseTiming, timingOf } from "./timing.ts";

const at = (text: string): number => Date.parse(text);
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString().replace(".000", "");
const runsOf = (cron: string, timezone: string, after: string, count: number): (string | undefined)[] => {
  let lastMs = at(after);
  return Array.from({ length: count }, () => {
    const next = nextRunMs({ timing: parseTiming({ cron }, timezone), timezone }, lastMs);
    lastMs = next ?? lastMs;
    return iso(next);
  });
};
const rulesOf = (broken: () => unknown): string[] => {
  try {
    broken();
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.problems.map(({ field, value, rule }) => `${field}=${value} ${rule}`);
  }
};

describe("time zones", () => {
  it.each(["UTC", "Europe/Ljubljana", "Asia/Kolkata", "Asia/Calcutta", "America/Argentina/Buenos_Aires"])(
    "%s is one",
    (name) => expect(isTimeZone(name)).toBe(true),
  );
  it.each(["", "Europe/Atlantis", "+02:00", "europe/ljubljana", "utc", "Europe/Ljubljana ", "CEST"])(
    "%j is none",
    (name) => expect(isTimeZone(name)).toBe(false),
  );

  test("a wall time and its moment lead to each other", () => {
    const zones = fc.constantFrom(
      "UTC",
      "Europe/Ljubljana",
      "America/New_York",
      "Australia/Lord_Howe",
      "Asia/Kathmandu",
    );
    const seconds = fc.integer({
      min: at("2024-01-01T00:00:00Z") / 1000,
      max: at("2040-01-01T00:00:00Z") / 1000,
    });
    fc.assert(
      fc.property(zones, seconds, (zone, second) => {
        const wallMs = wallTimeAt(second * 1000, zone);
        const momentMs = momentOf(wallMs, zone) ?? Number.NaN;
        expect(wallTimeAt(momentMs, zone)).toBe(wallMs);
        // Earlier only where the clocks show it twice.
        expect(momentMs).toBeLessThanOrEqual(second * 1000);
        expect(second * 1000 - momentMs).toBeLessThanOrEqual(3_600_000);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });
});

describe("at", () => {
  test("is a local time of its zone, once", () => {
    const timing = parseTiming({ at: "2026-12-01T03:00" }, "Europe/Ljubljana");
    expect(timing).toEqual({ at: "2026-12-01T03:00:00" });
    const timed = { timing, timezone: "Europe/Ljubljana" };
    expect(iso(nextRunMs(timed, at("2026-11-20T00:00:00Z")))).toBe("2026-12-01T02:00:00Z");
    expect(nextRunMs(timed, at("2026-12-01T02:00:00Z"))).toBeUndefined();
  });

  it.each([
    ["2026-11-20T11:59:59", "UTC", /^at=.* must be in the future: in UTC it was over at 2026-11-20T12:00/],
    ["2027-03-28T02:30:00", "Europe/Ljubljana", /^at=.* must be a time that exists/],
  ])("%s in %s is refused", (text, timezone, rule) => {
    const refused = rulesOf(() =>
      firstRunAfter(parseTiming({ at: text }, timezone), timezone, at("2026-11-20T12:00:00Z")),
    );
    expect(refused).toEqual([expect.stringMatching(rule)]);
  });

  it.each([
    "2026-12-01T03:00:00Z",
    "2026-12-01T03:00:00+01:00",
    "2026-02-31T03:00:00",
    "2026-12-01 03:00",
    "tomorrow",
  ])("%s is refused", (text) =>
    expect(rulesOf(() => parseTiming({ at: text }, "UTC"))).toEqual([
      expect.stringContaining("must be a local time such as"),
    ]),
  );

  test("of a time that the clocks show twice, the first counts", () => {
    const timing = parseTiming({ at: "2026-10-25T02:30:00" }, "Europe/Ljubljana");
    expect(iso(nextRunMs({ timing, timezone: "Europe/Ljubljana" }, 0))).toBe("2026-10-25T00:30:00Z");
  });
});

describe("rate", () => {
  test("runs a period after it was asked for, then on and on, whatever the clocks of the zone do", () => {
    const timing = parseTiming({ rate: "12 hours" }, "Europe/Ljubljana");
    const firstRunMs = firstRunAfter(timing, "Europe/Ljubljana", at("2026-10-24T12:00:00.250Z"));
    expect(iso(firstRunMs)).toBe("2026-10-25T00:00:01Z");
    const timed = { timing, timezone: "Europe/Ljubljana", firstRunMs };
    expect(iso(nextRunMs(timed, at("2026-10-24T12:00:00Z")))).toBe("2026-10-25T00:00:01Z");
    expect(iso(nextRunMs(timed, firstRunMs))).toBe("2026-10-25T12:00:01Z");
    expect(iso(nextRunMs(timed, firstRunMs + 1))).toBe("2026-10-25T12:00:01Z");
    expect(iso(nextRunMs(timed, firstRunMs + 100 * 43_200_000))).toBe("2026-12-14T12:00:01Z");
  });

  it.each(["1 minute", "5 minutes", "1 hour", "36 hours", "1 day", "999999 days"])("%s is one", (rate) =>
    expect(parseTiming({ rate }, "UTC")).toEqual({ rate }),
  );
  it.each([
    "0 minutes",
    "1 minutes",
    "5 minute",
    "-5 minutes",
    "1.5 hours",
    "30 seconds",
    "5",
    "5  minutes",
    "2 weeks",
  ])("%s is refused", (rate) =>
    expect(rulesOf(() => parseTiming({ rate }, "UTC"))).toEqual([
      `rate=${rate} must be a whole number and minutes, hours or days, for example 5 minutes or 1 hour`,
    ]),
  );
});

describe("cron", () => {
  it.each([
    ["0 3 * * ? *", "2026-11-20T12:00:00Z", ["2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z"]],
    ["0/20 9-10 ? * FRI *", "2026-11-20T09:30:00Z", ["2026-11-20T09:40:00Z", "2026-11-20T10:00:00Z"]],
    ["15 10 ? * 6L 2026-2027", "2026-11-20T00:00:00Z", ["2026-11-27T10:15:00Z", "2026-12-25T10:15:00Z"]],
    ["0 0 L * ? *", "2026-11-20T00:00:00Z", ["2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z"]],
    ["0 0 29 2 ? *", "2026-11-20T00:00:00Z", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]],
    ["0 0 15W 8 ? *", "2026-01-01T00:00:00Z", ["2026-08-14T00:00:00Z", "2027-08-16T00:00:00Z"]],
    ["0 0 1W 8 ? 2026", "2026-01-01T00:00:00Z", ["2026-08-03T00:00:00Z", undefined]],
    ["0 0 31W * ? *", "2026-05-01T00:00:00Z", ["2026-05-29T00:00:00Z", "2026-07-31T00:00:00Z"]],
    ["0 8 ? * MON#2 *", "2026-11-20T00:00:00Z", ["2026-12-14T08:00:00Z", "2027-01-11T08:00:00Z"]],
    ["0 8 ? * L *", "2026-11-20T00:00:00Z", ["2026-11-21T08:00:00Z", "2026-11-28T08:00:00Z"]],
    ["0 8 ? * 1 *", "2026-11-20T00:00:00Z", ["2026-11-22T08:00:00Z", "2026-11-29T08:00:00Z"]],
    ["59 23 31 DEC ? 2026/2", "2026-11-20T00:00:00Z", ["2026-12-31T23:59:00Z", "2028-12-31T23:59:00Z"]],
  ])("%s after %s", (cron, after, expected) => {
    expect(runsOf(cron, "UTC", after, expected.length)).toEqual(expected);
  });

  test("a time that the clocks leave out is left out, and one that they show twice comes once", () => {
    expect(runsOf("30 2 * * ? *", "Europe/Ljubljana", "2027-03-26T12:00:00Z", 3)).toEqual([
      "2027-03-27T01:30:00Z",
      "2027-03-29T00:30:00Z",
      "2027-03-30T00:30:00Z",
    ]);
    expect(runsOf("30 2 * * ? *", "Europe/Ljubljana", "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30:00Z",
      "2026-10-26T01:30:00Z",
    ]);
    expect(runsOf("0/30 1-3 * * ? *", "America/New_York", "2026-11-01T04:40:00Z", 4)).toEqual([
      "2026-11-01T05:00:00Z",
      "2026-11-01T05:30:00Z",
      "2026-11-01T07:00:00Z",
      "2026-11-01T07:30:00Z",
    ]);
  });

  it.each([
    ["0 3 * * *", /six fields/],
    ["0 3 * * * *", /\? as day of month or as day of week/],
    ["0 3 ? * ? *", /\? as day of month or as day of week/],
    ["60 3 * * ? *", /0 to 59 as its minutes.*not 60/],
    ["0 24 * * ? *", /0 to 23 as its hours.*not 24/],
    ["0 3 0 * ? *", /1 to 31 as its day of month.*not 0/],
    ["0 3 * 13 ? *", /1 to 12 or JAN to DEC as its month.*not 13/],
    ["0 3 ? * 0 *", /1 to 7 or SUN to SAT as its day of week.*not 0/],
    ["0 3 ? * MON/2 *", /day of week, with , - \* \? L #; not MON\/2/],
    ["0 3 ? * FRI-MON *", /ascending range in its day of week, not FRI-MON/],
    ["0 3 ? * MON#6 *", /1 to 5 after #/],
    ["0 3 LW * ? *", /day of month.*not LW/],
    ["0/0 3 * * ? *", /step from 1 to 59 in its minutes/],
    ["1,,2 3 * * ? *", /minutes.*not nothing/],
    ["0 3 * * ? 1969", /1970 to 2199 as its year/],
    ["0 3 * * ? 2200", /1970 to 2199 as its year/],
    ["@daily", /six fields/],
  ])("%s is refused, with the field and its rule", (cron, rule) => {
    expect(rulesOf(() => parseTiming({ cron }, "UTC"))).toEqual([expect.stringMatching(rule)]);
  });

  test("what never comes is refused", () => {
    const never = parseTiming({ cron: "0 0 31 2 ? *" }, "UTC");
    expect(rulesOf(() => firstRunAfter(never, "UTC", 0))).toEqual([
      "cron=0 0 31 2 ? * must name a future time",
    ]);
  });

  test("agrees with croner", () => {
    const number = (min: number, max: number) => fc.integer({ min, max });
    const part = (min: number, max: number) =>
      fc.oneof(
        fc.constant("*"),
        number(min, max).map(String),
        fc.tuple(number(min, max), number(min, max)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
        fc.array(number(min, max), { minLength: 1, maxLength: 4 }).map((list) => list.join(",")),
        fc.tuple(number(min, max), number(2, 9)).map(([from, step]) => `${from}-${max}/${step}`),
      );
    const weekday = fc.oneof(
      number(1, 7).map(String),
      fc.constantFrom("MON-FRI", "SUN,SAT", "2-4", "TUE"),
      fc.tuple(number(1, 7), number(1, 5)).map(([day, nth]) => `${day}#${nth}`),
      number(1, 7).map((day) => `${day}L`),
    );
    const dayOfMonth = fc.oneof(
      part(1, 31),
      fc.constant("L"),
      number(1, 31).map((day) => `${day}W`),
    );
    const days = fc.oneof(fc.tuple(dayOfMonth, fc.constant("?")), fc.tuple(fc.constant("?"), weekday));
    // Their clocks are never changed: where they are, AWS's rules are others than croner's.
    const zones = fc.constantFrom("UTC", "Asia/Kolkata", "Asia/Tokyo", "Africa/Nairobi", "America/Phoenix");
    const after = number(at("2026-01-01T00:00:00Z") / 1000, at("2032-01-01T00:00:00Z") / 1000);
    fc.assert(
      fc.property(
        part(0, 59),
        part(0, 23),
        days,
        part(1, 12),
        zones,
        after,
        (minutes, hours, [day, weekday], month, zone, second) => {
          const ours = runsOf(
            `${minutes} ${hours} ${day} ${month} ${weekday} *`,
            zone,
            new Date(second * 1000).toISOString(),
            1,
          );
          // With croner ? is the present day, and * stands for any.
          const pattern = [0, minutes, hours, day, month, weekday].join(" ").replace("?", "*");
          const theirs = new Cron(pattern, { timezone: zone, alternativeWeekdays: true, paused: true });
          expect(ours).toEqual([iso(theirs.nextRun(new Date(second * 1000))?.getTime())]);
        },
      ),
      { numRuns: propertyRuns(500) },
    );
  });
});

describe("a timing", () => {
  test("is one of three, in a known zone; all that is wrong is named", () => {
    expect(rulesOf(() => parseTiming({}, "UTC"))).toEqual(["at=undefined is missing: give at, rate or cron"]);
    expect(rulesOf(() => parseTiming({ rate: "5 minutes", cron: "?" }, "Mars/Olympus"))).toEqual([
      "cron=? must not be given together with rate",
      expect.stringContaining("cron=? must have six fields"),
      "timezone=Mars/Olympus must be a time zone of the IANA database, for example UTC or Europe/Ljubljana",
    ]);
  });

  it.each([{ at: "2026-12-01T03:00:00" }, { rate: "5 minutes" }, { cron: "0 3 ? * MON-FRI *" }])(
    "%j is the same when it was an expression in between",
    (timing) => expect(timingOf(expressionOf(timing), "UTC")).toEqual(timing),
  );

  test("an expression of another kind is refused", () => {
    expect(rulesOf(() => timingOf("every(5 minutes)", "UTC"))).toEqual([
      "expression=every(5 minutes) must be at(...), rate(...) or cron(...)",
    ]);
  });
});
