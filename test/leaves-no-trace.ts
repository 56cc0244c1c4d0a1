import { afterAll, beforeAll, expect, vi } from "vitest";

/*
 * Test files of a tier run in one process and share modules, so that none may change what the next one finds: the
 * environment, the clock, the globals. Stubs are taken back here; anything else fails the file that left it.
 */

let environment: NodeJS.ProcessEnv;
let fetchBefore: typeof fetch;
beforeAll(() => {
  environment = { ...process.env };
  fetchBefore = globalThis.fetch;
});

// Hooks of a setup file are registered first, so this one runs after those of the test file.
afterAll(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.restoreAllMocks();
  expect({ ...process.env }).toEqual(environment);
  expect(globalThis.fetch).toBe(fetchBefore);
});
