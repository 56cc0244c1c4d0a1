import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { changingSecret } from "./changing-secret.ts";
import { DEFAULT_SECRETS_FOLDER, readSecret, secretsFolder } from "./secret-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (path: string, text: string): void => writeFileSync(join(folder, path), text);

test("a secret is a file, without the line's end that an editor adds", () => {
  put("token", "abc\n");
  expect(readSecret(folder, "token")).toBe("abc");
});

test("a secret is a folder with a file of its name, or with one file, as Knative and Kubernetes mount it", () => {
  mkdirSync(join(folder, "token"));
  mkdirSync(join(folder, "token", "..2026_11_21"));
  put("token/..2026_11_21/token", "abc");
  symlinkSync("..2026_11_21", join(folder, "token", "..data"));
  symlinkSync("..data/token", join(folder, "token", "token"));
  put("token/other", "x");
  expect(readSecret(folder, "token")).toBe("abc");
  mkdirSync(join(folder, "single"));
  put("single/value", "def");
  expect(readSecret(folder, "single")).toBe("def");
});

test("what is missing, empty or not clearly one file is no secret", () => {
  expect(readSecret(folder, "token")).toBeUndefined();
  expect(readSecret(join(folder, "nowhere"), "token")).toBeUndefined();
  put("token", " \n");
  expect(readSecret(folder, "token")).toBeUndefined();
  mkdirSync(join(folder, "two"));
  put("two/a", "x");
  put("two/b", "x");
  expect(readSecret(folder, "two")).toBeUndefined();
});

test("a secret that can't be read is named, and not quoted", () => {
  put("large", "secret".repeat(20_000));
  expect(() => readSecret(folder, "large")).toThrow(
    /^secret .*large can't be read: it has 120000 bytes, and a secret at most 65536$/,
  );
});

test("the folder is where OpenFaaS mounts secrets, unless it is named", () => {
  expect(secretsFolder({})).toBe(DEFAULT_SECRETS_FOLDER);
  expect(secretsFolder({ SECRETS_FOLDER: "/run/secrets" })).toBe("/run/secrets");
});

test("a changed secret is noticed within a second, and the one before is accepted for some minutes", () => {
  let text: string | undefined;
  let nowMs = 0;
  let reads = 0;
  const secret = changingSecret("folder", "token", {
    read: () => {
      reads++;
      return text;
    },
    monotonicMs: () => nowMs,
    keepsPreviousMilliseconds: 10_000,
  });
  expect([secret.current(), secret.accepted()]).toEqual([undefined, []]);
  text = "one";
  nowMs = 999;
  expect(secret.current()).toBeUndefined();
  nowMs = 1_000;
  expect(secret.accepted()).toEqual(["one"]);
  text = "two";
  nowMs = 2_000;
  expect(secret.accepted()).toEqual(["two", "one"]);
  // Missing for a moment, while it is replaced.
  text = undefined;
  nowMs = 11_999;
  expect([secret.current(), secret.accepted()]).toEqual(["two", ["two", "one"]]);
  nowMs = 12_000;
  expect(secret.accepted()).toEqual(["two"]);
  expect(reads).toBe(4);
});

test("a secret that can't be read is an error at first, and later changes nothing", () => {
  let nowMs = 0;
  const failing = { read: () => fail(), monotonicMs: () => nowMs };
  const fail = (): string => {
    throw new Error("EACCES");
  };
  expect(() => changingSecret("folder", "token", failing).current()).toThrow("EACCES");
  let isReadable = true;
  const secret = changingSecret("folder", "token", {
    read: () => (isReadable ? "one" : fail()),
    monotonicMs: () => nowMs,
  });
  expect(secret.current()).toBe("one");
  isReadable = false;
  nowMs = 5_000;
  expect(secret.current()).toBe("one");
});
