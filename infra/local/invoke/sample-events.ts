import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MANIFEST } from "../../../functions/manifest.ts";
import { failure, wrongUse } from "../../command/failure.ts";

const EVENTS = resolve(import.meta.dirname, "../../../events");

/** The sample events of a function, in the order of their names; the first is one that succeeds. */
export const sampleEventPaths = (functionName: string): string[] => {
  const folder = join(EVENTS, functionName);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => join(folder, file));
};

/** Raises a CommandFailure that lists the functions if there is none with that name. */
export const checkFunctionName = (functionName: string): void => {
  const names = MANIFEST.map(({ name }) => name);
  if (names.includes(functionName)) return;
  throw wrongUse(`there is no function ${functionName}; there are ${names.sort().join(", ")}`);
};

/** The event in a file, or the function's first sample event. Raises a CommandFailure when there is none. */
export const readEvent = (functionName: string, path?: string): unknown => {
  const chosen = path ?? sampleEventPaths(functionName)[0];
  if (chosen === undefined)
    throw failure(`${functionName} has no sample event in ${join(EVENTS, functionName)}`);
  if (!existsSync(chosen)) {
    const names = sampleEventPaths(functionName).join("\n  ");
    throw wrongUse(`there is no file ${chosen}; the sample events of ${functionName} are\n  ${names}`);
  }
  try {
    return JSON.parse(readFileSync(chosen, "utf8"));
  } catch (error) {
    throw failure(`${chosen} is not JSON: ${error instanceof Error ? error.message : error}`, error);
  }
};

/** Whether an event names something that only makeSampleWorld puts into a stack. */
export const speaksOfSampleWorld = (event: unknown): boolean => /\bexample-/.test(JSON.stringify(event));

/**
 * Whether a function may run with this event on any stack: it only reads, and only what is certain to exist.
 */
export const suitsAnyStack = (event: unknown): boolean => {
  const { requestContext } = (event ?? {}) as { requestContext?: { http?: { method?: string } } };
  return requestContext?.http?.method === "GET" && !speaksOfSampleWorld(event);
};
