import { describe, expect, test } from "vitest";
import { MisconfiguredError } from "../core/errors.ts";
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
const rulesOf = (text: string) =>
  readTimestampRules(readEnvironment(definition, { MAXIMUM_AHEAD_SECONDS: text }));

describe("finding 7: how far a clock may be ahead is a setting", () => {
  test("of 5 minutes, unless a deployment sets another", () => {
    expect(MAXIMUM_AHEAD).toEqual({ MAXIMUM_AHEAD_SECONDS: "300" });
    expect(rulesOf("300").maximumAheadMs).toBe(300_000);
    expect(rulesOf("0").maximumAheadMs).toBe(0);
    expect(rulesOf("86400").maximumAheadMs).toBe(86_400_000);
  });

  test.each(["-1", "five minutes", "Infinity", "NaN", "1e12"])("%s is refused at cold start", (text) => {
    expect(() => rulesOf(text)).toThrow(MisconfiguredError);
    expect(() => rulesOf(text)).toThrow(/MAXIMUM_AHEAD_SECONDS must be a number of seconds/);
  });
});
