import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeSecrets, SECRETS } from "./secrets.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "made-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NAMES = Object.keys(SECRETS).toSorted();
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

test("every secret is made once, for its owner's eyes, and no two are alike", () => {
  expect(makeSecrets(folder).made.toSorted()).toEqual(NAMES);
  const first = NAMES.map(read);
  expect(new Set(first).size).toBe(NAMES.length);
  for (const name of NAMES) {
    expect(read(name)).toMatch(new RegExp(`^[a-zA-Z][a-zA-Z0-9]{${SECRETS[name] - 1}}$`));
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }
  expect(makeSecrets(folder)).toEqual({ made: [], kept: Object.keys(SECRETS) });
  expect(NAMES.map(read)).toEqual(first);
});

test("what is to be replaced is made anew, and nothing else", () => {
  makeSecrets(folder);
  const before = Object.fromEntries(NAMES.map((name) => [name, read(name)]));
  writeFileSync(
    join(folder, "nats-token"),
    "an old one that is longer than the new one will be; none of it stays",
    {
      mode: 0o644,
    },
  );
  expect(makeSecrets(folder, new Set(["nats-token"])).made).toEqual(["nats-token"]);
  expect(read("nats-token")).toHaveLength(48);
  for (const name of NAMES) if (name !== "nats-token") expect(read(name)).toBe(before[name]);
});

test("every letter and digit is used, and random bytes that would favour some are left out", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  makeSecrets(folder, new Set(), (size) => bytes.subarray(0, Math.max(size, 256)));
  expect(read("nats-token")).toBe("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV");
  makeSecrets(folder, new Set(NAMES), () => Uint8Array.of(255, 0, 249, 61, 1));
  expect(read("nats-token").slice(0, 6)).toBe("a9ba9b");
  expect(readdirSync(folder).toSorted()).toEqual(NAMES);
});
