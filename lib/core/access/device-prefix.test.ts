import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { belongsTo, idsOfPrefix } from "./device-prefix.ts";

test.each([
  ["acme", "acme", true],
  ["acme", "acme-1", true],
  ["acme", "acme.x", true],
  ["acme", "acme:1", true],
  ["acme", "acme_1", true],
  ["acme", "acme@depot.example", true],
  ["acme", "acmecorp", false],
  ["acme", "acme1", false],
  ["acme", "acmE", false],
  ["acme", "acm", false],
  ["van-", "van-7", true],
  ["van-", "van-", true],
  ["van-", "van", false],
  ["van-", "van.7", false],
])("prefix %s, device %s: %s", (prefix, deviceId, expected) => {
  expect(belongsTo(prefix, deviceId)).toBe(expected);
});

const id = fc.string({
  unit: fc.constantFrom(..."aB1-.:@_"),
  minLength: 1,
  maxLength: 8,
});
const near = fc.tuple(id, fc.option(id, { nil: "" })).map(([prefix, rest]) => [prefix, prefix + rest]);

test("what belongs to a prefix is what its ranges find, in order, and no word goes on behind the prefix", () => {
  fc.assert(
    fc.property(fc.oneof(near, fc.tuple(id, id)), ([prefix, deviceId]) => {
      const { exact, beginnings } = idsOfPrefix(prefix);
      const found = exact === deviceId || beginnings.some((beginning) => deviceId.startsWith(beginning));
      expect(belongsTo(prefix, deviceId)).toBe(found);
      expect(beginnings).toEqual(beginnings.toSorted());
      if (belongsTo(prefix, deviceId)) {
        expect(deviceId.slice(prefix.length - 1)).not.toMatch(/^[aB1][aB1]/);
      }
    }),
    { numRuns: propertyRuns(2_000) },
  );
});
