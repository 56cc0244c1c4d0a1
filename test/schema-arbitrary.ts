import fc from "fast-check";
import type { SchemaNode } from "../lib/runtime/schema-rule.ts";

/*
 * Values for a schema: some fit, most nearly do. Any part of a value can be replaced by something else, and
 * fields can be missing or extra.
 */

type Fields = Readonly<Record<string, unknown>>;

/** Numbers at the edges of a double's range, and beyond what JSON readers agree on. */
const NUMBERS: fc.Arbitrary<unknown> = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 5e-324, -5e-324, 1e308, Number.POSITIVE_INFINITY, 1e15, 0.1, 1e8, 2 ** 53),
);

const ANYTHING: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 2, arbitrary: NUMBERS },
  { weight: 1, arbitrary: fc.constantFrom(null, "", "5", true, {}, [], { toString: 1 }, [[[[]]]]) },
);

const UNKNOWN_FIELDS: fc.Arbitrary<Fields> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.dictionary(fc.string({ maxLength: 8 }), fc.constant(1), { maxKeys: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom({ "0": 1 }, JSON.parse('{"__proto__":1}'), { constructor: 1 }) },
);

/** A value that fits a part of a schema, as far as simple rules can tell. */
const fitting = (node: SchemaNode): fc.Arbitrary<unknown> => {
  const choices = node.enum ?? (node.const === undefined ? undefined : [node.const]);
  if (choices) return fc.constantFrom(...choices);
  if (node.anyOf) return fc.oneof(...node.anyOf.map(nearly));
  switch (node.type) {
    case "object":
      return objects(node);
    case "array":
      return fc.array(nearly(node.items ?? {}), { maxLength: 3 });
    case "integer":
    case "number":
      return fc.constantFrom(node.minimum ?? 1, node.maximum ?? 1, (node.minimum ?? 0) + 1);
    case "boolean":
      return fc.boolean();
    case "string":
      return fc.constantFrom("a", "demo", "2026-11-20T12:00:00Z", "b".repeat(node.maxLength ?? 5));
    default:
      return ANYTHING;
  }
};

/** A value for a part of a schema; occasionally anything else. */
const nearly = (node: SchemaNode): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: fitting(node) }, { weight: 1, arbitrary: ANYTHING });

const objects = ({ properties = {}, required = [] }: SchemaNode): fc.Arbitrary<Fields> => {
  const parts = Object.fromEntries(Object.entries(properties).map(([name, node]) => [name, nearly(node)]));
  const complete = fc.record(parts, { requiredKeys: [...required] });
  const known = fc.oneof(
    { weight: 4, arbitrary: complete },
    { weight: 1, arbitrary: fc.record(parts, { requiredKeys: [] }) },
  );
  return fc.tuple(known, UNKNOWN_FIELDS).map(([fields, unknown]) => ({ ...unknown, ...fields }));
};

export const nearlyOf = nearly;
