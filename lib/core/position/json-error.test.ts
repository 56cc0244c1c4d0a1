import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { locateJsonError } from "./json-error.ts";

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
  ["[1,]", '1:4 in 1 expected a value, found "]"'],
  ["[1 2]", '1:4 in 0 expected "," or "]", found "2"'],
  ['{"a":1,}', '1:8 expected a field name in double quotes, found "}"'],
  ["{'a':1}", `1:2 expected a field name in double quotes, found "'"`],
  ['{"a" 1}', '1:6 expected ":", found "1"'],
  ['[{"a":1},\n {"a":NaN}]', '2:7 in 1 expected a value, found "N"'],
  ['[{"a":1},\n {"a":2', '2:8 in 1 expected "," or "}", found the end'],
  ['{"a":"x', "1:6 this text is not closed, or holds an invalid escape or control character"],
  ['["\\x"]', "1:2 in 0 this text is not closed, or holds an invalid escape or control character"],
  ["{} {}", '1:4 expected the end, found "{"'],
  ["01", '1:2 expected the end, found "1"'],
  ["hello", '1:1 expected a value, found "h"'],
])("%s", (text, expected) => {
  const place = locateJsonError(text);
  const element = place?.element === undefined ? "" : ` in ${place.element}`;
  expect(`${place?.line}:${place?.column}${element} ${place?.reason}`).toBe(expected);
});

test("finds an error exactly where JSON.parse finds one", () => {
  const broken = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom("", ",", "}", "]", '"', "x", "\\", "0", "-", " ", "\u0001", "\n"),
      fc.nat(2),
    )
    .map(([json, position, inserted, removed]) => {
      const at = position % (json.length + 1);
      return json.slice(0, at) + inserted + json.slice(at + removed);
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken, fc.string()), (text) => {
      expect(locateJsonError(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: propertyRuns(20_000) },
  );
});

test("takes any depth and length", () => {
  const depth = 1_000_000;
  expect(locateJsonError("[".repeat(depth))?.column).toBe(depth + 1);
  expect(locateJsonError("[".repeat(depth) + "]".repeat(depth))).toBeUndefined();
  expect(locateJsonError(`"${"a".repeat(5_000_000)}`)?.column).toBe(1);
});
