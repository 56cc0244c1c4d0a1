import fc from "fast-check";
import * as Type from "typebox";
import { Check } from "typebox/schema";
import { describe, expect, test } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import { nearlyOf } from "../../test/schema-arbitrary.ts";
import { presentableProblems } from "./problem.ts";
import { checkSchema, MAXIMUM_PROBLEMS } from "./schema-check.ts";

/** Every schema that something of a caller's is checked against. */
const CHECKED: [string, Type.TSchema][] = MANIFEST.flatMap(({ routes = [] }) => routes).flatMap((route) =>
  Object.entries({ path: route.parameters, query: route.query, body: route.body?.schema }).flatMap(
    ([part, schema]): [string, Type.TSchema][] =>
      schema ? [[`${part} of ${route.method} ${route.path}`, schema]] : [],
  ),
);

describe("finding 1: the check lets pass what fits its schema, and nothing else", () => {
  test.each(CHECKED)("%s", (_, schema) => {
    fc.assert(
      fc.property(nearlyOf(schema), (value) => {
        const problems = checkSchema(schema, value, "body");
        expect(problems.length === 0).toBe(Check(schema, value));
        expect(problems.length).toBeLessThanOrEqual(MAXIMUM_PROBLEMS + 1);
        for (const { field, rule } of problems) expect(field && rule).toBeTruthy();
        expect(JSON.stringify(presentableProblems(problems)).length).toBeLessThan(30_000);
      }),
      { numRuns: 150 },
    );
  });

  test("unknown fields, however many, hide no other problem", () => {
    const schema = Type.Object({ rate: Type.Optional(Type.Number()) }, { additionalProperties: false });
    for (const count of [0, 1, 7, 8, 9, 19, 20, 1000]) {
      const unknown = Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
      const problems = checkSchema(schema, { ...unknown, rate: "5" }, "body");
      expect(problems[0]).toEqual({ field: "rate", value: "5", rule: "must be a number" });
      expect(problems.length).toBe(Math.min(count, MAXIMUM_PROBLEMS) + 1);
    }
  });

  test("what can't be explained is refused all the same", () => {
    const schema = Type.Object(
      { a: Type.Optional(Type.Number()) },
      { maxProperties: 1, additionalProperties: true },
    );
    expect(checkSchema(schema, { a: 1, b: 2 }, "body")).toEqual([
      { field: "body", value: { a: 1, b: 2 }, rule: "must be an object" },
    ]);
    const never = Type.Never();
    expect(checkSchema(never, 1, "body")).toMatchObject([{ field: "body", rule: "does not fit its schema" }]);
  });

  test("of a list that is too long no element is looked at", () => {
    let looks = 0;
    const watched = new Proxy({}, { get: () => looks++ });
    const schema = Type.Array(Type.Object({ a: Type.Number() }), { maxItems: 3 });
    const problems = checkSchema(schema, new Array(100_000).fill(watched), "sources");
    expect(problems).toMatchObject([{ field: "sources", rule: "must be a list of at most 3 elements" }]);
    expect(looks).toBeLessThan(10);
  });

  test("a field whose name is a number is not mistaken for an element", () => {
    const schema = Type.Object({}, { additionalProperties: false });
    expect(checkSchema(schema, { "5": 1 }, "body")).toMatchObject([{ field: "5" }]);
    expect(checkSchema(schema, { "5": 1 }, "body")[0]).not.toHaveProperty("index");
  });

  test("names from JavaScript itself are unknown fields like any other", () => {
    const schema = Type.Object({}, { additionalProperties: false });
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const value = JSON.parse(`{"${name}": {"a": 1}}`);
      expect(checkSchema(schema, value, "body"), name).toMatchObject([{ field: name }]);
    }
  });
});
