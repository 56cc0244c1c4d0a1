import { expect, test } from "vitest";
import { preferredType } from "./accept.ts";

const OFFERED = ["application/json", "application/geo+json", "text/csv"] as const;

test.each([
  [undefined, "application/json"],
  ["", "application/json"],
  ["*/*", "application/json"],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"],
  ["text/csv", "text/csv"],
  ["TEXT/CSV; charset=utf-8", "text/csv"],
  ["text/*", "text/csv"],
  ["application/*;q=0.5, text/csv;q=0.4", "application/json"],
  ["application/json;q=0.1, application/geo+json;q=0.9", "application/geo+json"],
  ["*/*, application/json;q=0", "application/geo+json"],
  ["image/png", undefined],
  ["text/csv;q=0", undefined],
  ["text/csv;q=much", undefined],
])("%s -> %s", (accept, type) => {
  expect(preferredType(accept, OFFERED)).toBe(type);
});
