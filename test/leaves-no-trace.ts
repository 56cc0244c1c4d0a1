import { afterAll, beforeAll, beforeEach, expect, vi } from "vitest";
import { endChildren } from "./children.ts";

/*
 * A tier's test files run in one process and share modules, so no file may change what the next one finds:
 * the environment, the clock, the globals, running processes. This file removes stubs; anything else fails
 * the file that left it. Standard error from a stack in this process is shown only when a test fails.
 */

let environment: NodeJS.ProcessEnv;
let fetchBefore: typeof fetch;
let written: string[] = [];
const { write } = process.stderr;
const show = (): void => {
  for (const text of written.splice(0)) write.call(process.stderr, text);
};

/** On import, Powertools leaves its name for the SDK. */
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

// A setup file's hooks are registered first, so this one runs after the test file's.
afterAll(async () => {
  process.stderr.write = write;
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.restoreAllMocks();
  const left = await endChildren();
  if (left.length > 0) show();
  const [environmentAfter, fetchAfter] = [environmentNow(), globalThis.fetch];
  // This file fails for what it left; the next one must not.
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) process.env[name] = value;
  globalThis.fetch = fetchBefore;
  expect(left, "processes left running").toEqual([]);
  expect(environmentAfter).toEqual(environment);
  expect(fetchAfter).toBe(fetchBefore);
});
