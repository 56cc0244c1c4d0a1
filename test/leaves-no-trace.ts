import { afterAll, beforeAll, beforeEach, expect, vi } from "vitest";
import { endChildren } from "./children.ts";

/*
 * Test files of a tier run in one process and share modules, so that none may change what the next one finds: the
 * environment, the clock, the globals, processes that still run. Stubs are taken back here; anything else fails the file
 * that left it. What a stack in this process writes to standard error is shown only where a test fails.
 */

let environment: NodeJS.ProcessEnv;
let fetchBefore: typeof fetch;
let written: string[] = [];
const { write } = process.stderr;
const show = (): void => {
  for (const text of written.splice(0)) write.call(process.stderr, text);
};

/** Powertools leaves its name for the SDK when it is imported. */
const environmentNow = (): NodeJS.ProcessEnv => ({ ...process.env, AWS_SDK_UA_APP_ID: undefined });

beforeAll(() => {
  environment = environmentNow();
  fetchBefore = globalThis.fetch;
  written = [];
  process.stderr.write = (text: string | Uint8Array): boolean => {
    written.push(typeof text === "string" ? text : Buffer.from(text).toString());
    return true;
  };
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(show);
});

// Hooks of a setup file are registered first, so this one runs after those of the test file.
afterAll(async () => {
  process.stderr.write = write;
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.restoreAllMocks();
  const left = await endChildren();
  if (left.length > 0) show();
  const [environmentAfter, fetchAfter] = [environmentNow(), globalThis.fetch];
  // The file fails for what it left; the next one must not.
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) process.env[name] = value;
  globalThis.fetch = fetchBefore;
  expect(left, "processes that were left running").toEqual([]);
  expect(environmentAfter).toEqual(environment);
  expect(fetchAfter).toBe(fetchBefore);
});
