import { expect, test } from "vitest";
import { brief, refuseProblems } from "./field-problems.ts";

test("brief keeps what is short, and tells the kind of what has parts", () => {
  expect([brief("a"), brief(1.5), brief(null), brief(false), brief(undefined)]).toEqual([
    "a",
    1.5,
    null,
    false,
    undefined,
  ]);
  expect([brief("a".repeat(61)), brief([1, 2]), brief({})]).toEqual([
    `${"a".repeat(57)}...`,
    "an array of 2",
    "a value of type object",
  ]);
});

test("problems are refused together, each with its field, value and rule", () => {
  const problems = [
    { field: "rate", value: 0, rule: "must be a number from 0.01 to 10000" },
    { field: "name", rule: "is missing" },
  ];
  expect(() => refuseProblems(problems)).toThrow(
    expect.objectContaining({
      message: "rate must be a number from 0.01 to 10000, but is 0; name is missing",
      problems,
    }),
  );
  expect(() => refuseProblems([])).not.toThrow();
});
