import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineFunction } from "./definition.ts";
import { LOG_EVERY_CALL_VARIABLE, oneIn, samplingOf } from "./sampling.ts";

describe("finding 23: which good calls are logged", () => {
  test("the same id is always in, or always out", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: 10_000 }), (id, count) => {
        expect(oneIn(count)(id)).toBe(oneIn(count)(id));
      }),
      { numRuns: 50 },
    );
  });

  test("about one in this many, and with 1 every one", () => {
    const ids = Array.from({ length: 2_000 }, () => randomUUID());
    const sampled = ids.filter(oneIn(10)).length;
    // 200 are expected; 7 standard deviations off happens once in the age of the universe.
    expect(sampled).toBeGreaterThan(100);
    expect(sampled).toBeLessThan(300);
    expect(ids.slice(0, 100).every(oneIn(1))).toBe(true);
  });

  test("as the definition says, unless the deployment wants every one", () => {
    const definition = defineFunction({
      name: "do-thing",
      description: "",
      memoryMegabytes: 128,
      timeoutSeconds: 5,
      logsOneGoodCallIn: 1_000_000_000,
    });
    expect(samplingOf(definition, {})("a")).toBe(false);
    expect(samplingOf(definition, { [LOG_EVERY_CALL_VARIABLE]: "true" })("a")).toBe(true);
    expect(samplingOf({ ...definition, logsOneGoodCallIn: undefined }, {})("a")).toBe(true);
  });
});
