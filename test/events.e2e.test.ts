import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HttpInvoke } from "../engines/functions/invoke-function.ts";
import { MANIFEST } from "../functions/manifest.ts";
import { sampleEventPaths } from "../infra/local/invoke/sample-events.ts";
import { makeSampleWorld } from "../infra/local/invoke/sample-world.ts";
import { invokeOn } from "../infra/local/stack/functions.ts";
import { type Stack, startStack } from "../infra/local/stack/stack.ts";
import { playSampleAtOnce } from "../infra/local/start/play-sample.ts";

/*
 * Runs each sample event on its function in a real stack, in which `demo` has driven the sample drive, as
 * `npm run invoke` does. Each function's first event succeeds; the others may be refused, and never break
 * anything.
 */

let stack: Stack;
let functions: HttpInvoke;
beforeAll(async () => {
  stack = await startStack();
  functions = invokeOn(stack.address);
  await playSampleAtOnce(stack.address);
  await makeSampleWorld(stack.address);
});
afterAll(async () => {
  functions?.close();
  await stack?.stop();
});

// Replays are created before recordings are deleted, so that one is in use by then.
const BY_NAME = [...MANIFEST].sort((one, other) => (one.name < other.name ? -1 : 1));

const CASES = BY_NAME.flatMap((definition) =>
  sampleEventPaths(definition.name).map((path, index) => ({
    name: definition.name,
    file: basename(path),
    definition,
    path,
    isFirst: index === 0,
  })),
);

const run = async (name: string, path: string): Promise<{ result?: unknown; failure?: Error }> => {
  try {
    return { result: await functions.invoke(name, JSON.parse(readFileSync(path, "utf8"))) };
  } catch (error) {
    return { failure: error as Error };
  }
};

/** Error names that workflows match: the domain's own. */
const DOMAIN_ERROR = /^(InvalidInput|NotFound|Conflict|VersionConflict|TooLarge|UnsupportedFormat)Error$/;

test.each(CASES)("$name $file", async ({ name, path, definition, isFirst }) => {
  const { result, failure } = await run(name, path);
  if (definition.routes) {
    expect(failure).toBeUndefined();
    const { statusCode, headers } = result as { statusCode: number; headers: Record<string, string> };
    expect(statusCode).toBeLessThan(isFirst ? 400 : 500);
    expect(statusCode).toBeGreaterThanOrEqual(200);
    if (statusCode >= 400) expect(headers["content-type"]).toBe("application/problem+json");
  } else if (definition.stream) {
    expect(failure).toBeUndefined();
    expect(result).toEqual({ batchItemFailures: isFirst ? [] : expect.any(Array) });
  } else if (isFirst) {
    expect(failure).toBeUndefined();
  } else if (failure) {
    expect(failure.name).toMatch(DOMAIN_ERROR);
  }
});
