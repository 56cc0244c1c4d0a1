import { describe, expect, test } from "vitest";
import { MisconfiguredError } from "../core/errors.ts";
import { GPS_EPOCH_MS } from "../core/position/parse-timestamp.ts";
import { defineFunction } from "./definition.ts";
import { readEnvironment } from "./environment.ts";
import { MAXIMUM_AHEAD, readTimestampRules } from "./timestamp-rules.ts";

const definition = defineFunction({
  name: "track-devices",
  description: "",
  memoryMegabytes: 128,
  timeoutSeconds: 1,
  environment: MAXIMUM_AHEAD,
});
const rulesOf = (text: string, earliest = "1980-01-06T00:00:00Z") =>
  readTimestampRules(
    readEnvironment(definition, { MAXIMUM_AHEAD_SECONDS: text, EARLIEST_TIMESTAMP: earliest }),
  );

describe("finding 7: how far a clock may be ahead is a setting", () => {
  test("of 5 minutes, unless a deployment sets another", () => {
    expect(MAXIMUM_AHEAD).toMatchObject({ MAXIMUM_AHEAD_SECONDS: "300" });
    expect(rulesOf("300").maximumAheadMs).toBe(300_000);
    expect(rulesOf("0").maximumAheadMs).toBe(0);
    expect(rulesOf("86400").maximumAheadMs).toBe(86_400_000);
  });

  test.each(["-1", "five minutes", "Infinity", "NaN", "1e12"])("%s is refused at cold start", (text) => {
    expect(() => rulesOf(text)).toThrow(MisconfiguredError);
    expect(() => rulesOf(text)).toThrow(/MAXIMUM_AHEAD_SECONDS must be a number of seconds/);
  });
});

describe("finding 25: how early a position may be is a setting", () => {
  test("of the beginning of GPS, unless a deployment sets another", () => {
    expect(MAXIMUM_AHEAD).toMatchObject({ EARLIEST_TIMESTAMP: "1980-01-06T00:00:00.000Z" });
    expect(rulesOf("300").earliestMs).toBe(GPS_EPOCH_MS);
    expect(rulesOf("300", "1970-01-01T00:00:00Z").earliestMs).toBe(0);
    expect(rulesOf("300", "2020-01-01T01:00:00+01:00").earliestMs).toBe(Date.UTC(2020, 0, 1));
  });

  test.each(["yesterday", "1969-12-31T23:59:59Z", "2020-01-01"])("%s is refused at cold start", (text) => {
    expect(() => rulesOf("300", text)).toThrow(MisconfiguredError);
    expect(() => rulesOf("300", text)).toThrow(/EARLIEST_TIMESTAMP must be a moment since 1970/);
  });
});
