import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyText } from "../core/access/key-text.ts";
import { beginningOfJson } from "./beginning-of-json.ts";
import { presentable, presentableProblems, sentence } from "./problem.ts";

const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));

describe("finding 3: what a caller sends is shown in short, whatever it is", () => {
  test("the beginning of its JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const whole = JSON.stringify(value);
        expect(beginningOfJson(value, 10_000)).toBe(whole);
        const short = beginningOfJson(value, 20);
        if (whole.length >= 20 && typeof value === "object")
          expect(short.slice(0, 15)).toBe(whole.slice(0, 15));
      }),
      { numRuns: 100 },
    );
  });

  test("nesting of 200,000 levels does not overflow the stack", () => {
    const value = nested(200_000);
    expect(presentable(value)).toBe(`${"[".repeat(100)}…`);
    expect(sentence({ field: "rate", value, rule: "must be a number" }).length).toBeLessThan(300);
  });

  test("an object whose toString is no function is shown like any other", () => {
    expect(presentable({ toString: 1, valueOf: null })).toBe('{"toString":1,"valueOf":null}');
  });

  test("numbers without a form in JSON, and the smallest", () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY, 5e-324].map(presentable)).toEqual([
      "NaN",
      "Infinity",
      5e-324,
    ]);
  });

  test("of 5 MB of text, a list of a million, and a name as long, only the beginning is looked at", () => {
    const long = "x".repeat(5_000_000);
    const [problem] = presentableProblems([
      { field: long, value: new Array(1_000_000).fill(long), rule: "r" },
    ]);
    expect(problem.field.length).toBe(101);
    expect(String(problem.value).length).toBe(101);
  });

  test("no part of a key is shown, wherever it is cut", () => {
    const { text: key } = keyText(new Uint8Array(8).fill(7), new Uint8Array(32).fill(9));
    fc.assert(
      fc.property(fc.nat(2_100), fc.nat(30), (before, keys) => {
        const text = "y".repeat(before) + ` ${key}`.repeat(keys);
        const shown = `${presentable(text)}${presentable([text])}${presentable({ [text]: text })}`;
        expect(shown).not.toContain(key.slice(0, 20));
      }),
      { numRuns: 100 },
    );
  });
});
