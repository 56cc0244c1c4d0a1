import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { itemJson, itemOf } from "./item-json.ts";

const bytes = fc.uint8Array({ maxLength: 20 });
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.record({ S: fc.string({ unit: "binary" }) }),
    fc.record({ N: number }),
    fc.record({ B: bytes }),
    fc.record({ BOOL: fc.boolean() }),
    fc.constant<AttributeValue>({ NULL: true }),
    fc.record({ SS: fc.array(fc.string(), { minLength: 1 }) }),
    fc.record({ NS: fc.array(number, { minLength: 1 }) }),
    fc.record({ BS: fc.array(bytes, { minLength: 1 }) }),
    fc.record({ L: fc.array(tie("value")) }),
    fc.record({ M: fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }) }),
  ) as fc.Arbitrary<AttributeValue>,
}));

const NO_ITEMS: readonly unknown[] = [
  null,
  [],
  "x",
  { a: null },
  { a: {} },
  { a: { S: 1 } },
  { a: { N: 1 } },
  { a: { B: "no base64!" } },
  { a: { S: "x", N: "1" } },
  { a: { X: "x" } },
  { a: { constructor: "x" } },
  { a: { L: {} } },
  { a: { M: [] } },
  { a: { BOOL: "true" } },
];

test("every item comes back from its JSON as it was", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), value, { noNullPrototype: true }), (item) => {
      const json = JSON.parse(JSON.stringify(itemJson(item)));
      const again = itemOf(json);
      expect(again).toEqual(item);
      expect(itemJson(again)).toEqual(itemJson(item));
    }),
    { numRuns: propertyRuns(2_000) },
  );
});

test("anything else is no item", () => {
  for (const json of NO_ITEMS)
    expect(() => itemOf(json), JSON.stringify(json)).toThrow("not an item of DynamoDB");
});
