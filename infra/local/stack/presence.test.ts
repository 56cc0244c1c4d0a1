import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "./ports.ts";
import { isPresent, showPresence } from "./presence.ts";
import { readStackFile, removeStackFile, writeStackFile } from "./stack-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backtrack-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a presence is seen until it ends", async () => {
  const presence = await showPresence();
  expect(await isPresent(presence)).toBe(true);
  await presence.end();
  expect(await isPresent(presence)).toBe(false);
});

test("somebody else on the port is not mistaken for it", async () => {
  const other = await showPresence();
  expect(await isPresent({ port: other.port, token: "mine" })).toBe(false);
  await other.end();
  expect(await isPresent({ port: await freePort(), token: "mine" })).toBe(false);
});

test("a stack file counts only while its stack runs", async () => {
  const path = join(folder, "deep", "stack.json");
  expect(await readStackFile(path)).toBeUndefined();
  const presence = await showPresence();
  const { port, token } = presence;
  writeStackFile(path, { processId: 1, presence: { port, token } });
  expect(await readStackFile(path)).toEqual({ processId: 1, presence: { port, token } });
  await presence.end();
  expect(await readStackFile(path)).toBeUndefined();
});

test("a damaged stack file is as none", async () => {
  const path = join(folder, "stack.json");
  for (const content of ["", "{", "null", "[]", '{"presence":{}}']) {
    writeFileSync(path, content);
    expect(await readStackFile(path)).toBeUndefined();
  }
});

test("a stack removes its own file only", async () => {
  const path = join(folder, "stack.json");
  writeStackFile(path, { processId: 1, presence: { port: 1, token: "newer" } });
  removeStackFile(path, { port: 1, token: "older" });
  expect(readdirSync(folder)).toEqual(["stack.json"]);
  removeStackFile(path, { port: 1, token: "newer" });
  expect(readdirSync(folder)).toEqual([]);
});
