import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorPlace } from "./json-error.ts";
import { JsonScanner } from "./json-scanner.ts";

const placeOf = (text: string) => {
  const scanner = new JsonScanner(new TextEncoder().encode(text));
  return scanner.value() && scanner.finish() ? undefined : errorPlace(scanner);
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test.each<[string, string]>([
  ["", "1:1 expected a value, found the end"],
  ["[1,]", '1:4 expected a value, found "]"'],
  ["[1 2]", '1:4 expected "," or "]", found "2"'],
  ['{"a":1,}', '1:8 expected a field name in double quotes, found "}"'],
  ["{'a':1}", `1:2 expected a field name in double quotes, found "'"`],
  ['{"a" 1}', '1:6 expected ":", found "1"'],
  ['[{"a":1},\n {"a":NaN}]', '2:7 expected a value, found "N"'],
  ['[{"a":1},\n {"a":2', '2:8 expected "," or "}", found the end'],
  ['{"a":"x', "1:6 this text is not closed, or holds an invalid escape or control character"],
  ['["\\x"]', "1:2 this text is not closed, or holds an invalid escape or control character"],
  ["{} {}", '1:4 expected the end, found "{"'],
  ["01", '1:2 expected the end, found "1"'],
  ["1.", '1:2 expected the end, found "."'],
  ["-", '1:1 expected a value, found "-"'],
  ["1e+", '1:2 expected the end, found "e"'],
  ["nul", '1:1 expected a value, found "n"'],
  ["hello", '1:1 expected a value, found "h"'],
  ['{"é":🚗}', '1:6 expected a value, found "🚗"'],
])("%s", (text, expected) => {
  const place = placeOf(text);
  expect(`${place?.line}:${place?.column} ${place?.reason}`).toBe(expected);
});

test("takes just what JSON.parse takes", () => {
  const broken = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom("", ",", "}", "]", '"', "x", "\\", "0", "-", " ", "\u0001", "\n", "e", ".", "\\u00"),
      fc.nat(2),
    )
    .map(([json, position, inserted, removed]) => {
      const at = position % (json.length + 1);
      return json.slice(0, at) + inserted + json.slice(at + removed);
    });
  const token = fc.constantFrom(...'[]{}:,"-0.1e+ \n\\', "true", "null", '"a"', "1e5", "\\u0041", "-0");
  const tokens = fc.array(token, { maxLength: 12 }).map((all) => all.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken, tokens, fc.string()), (text) => {
      expect(placeOf(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: 10_000 },
  );
});

test("numbers are what JSON.parse makes of them, or left to it", () => {
  const written = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.tuple(fc.integer(), fc.stringMatching(/^\d{1,20}$/)).map(([whole, part]) => `${whole}.${part}`),
    fc.constantFrom("-0", "0.1", "-0.0", "123456789012345", "1234567890123456", "1E5", "1e-7", "1e999"),
  );
  let left = 0;
  const property = fc.property(written, (text) => {
    const scanner = new JsonScanner(new TextEncoder().encode(text));
    scanner.value();
    expect(scanner.finish()).toBe(true);
    if (Number.isNaN(scanner.number)) left++;
    else expect(scanner.number).toBe(JSON.parse(text));
  });
  fc.assert(property, { numRuns: 3000 });
  expect(left).toBeLessThan(3000);
});

describe("finding 3: nesting", () => {
  test("of any depth is read, or its error found, without recursion", () => {
    const depth = 200_000;
    expect(placeOf("[".repeat(depth))?.column).toBe(depth + 1);
    expect(placeOf("[".repeat(depth) + "]".repeat(depth))).toBeUndefined();
    expect(placeOf(`${'{"a":['.repeat(depth)}${"]}".repeat(depth)}`)).toBeUndefined();
    expect(placeOf(`"${"a".repeat(500_000)}`)?.column).toBe(1);
  });
});
