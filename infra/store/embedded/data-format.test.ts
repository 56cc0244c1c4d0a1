import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkDataFormat } from "./data-format.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "format-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a new folder is marked, and taken again when it holds data", () => {
  checkDataFormat(folder);
  mkdirSync(join(folder, "dynamodb"));
  expect(() => checkDataFormat(folder)).not.toThrow();
});

test("a folder from before formats were marked is refused", () => {
  mkdirSync(join(folder, "dynamodb"));
  expect(() => checkDataFormat(folder)).toThrow(/has format 1, and this version of Backtrack needs format 3/);
});

test.each([
  ['{"format":2}', "has format 2"],
  ['{"format":4}', "has format 4"],
  ["rubbish", "has a format.json that can't be read"],
  ["{}", "has a format.json that can't be read"],
])("a folder marked %s is refused", (text, found) => {
  writeFileSync(join(folder, "format.json"), text);
  expect(() => checkDataFormat(folder)).toThrow(found);
});
