import { MisconfiguredError } from "../core/errors.ts";
import { MAXIMUM_AHEAD_MS, TIMESTAMP_RULES, type TimestampRules } from "../core/position/parse-timestamp.ts";
import type { Environment } from "./environment.ts";

/** How far ahead of its arrival a position's time may be, in seconds; a deployment may set another value. */
export const MAXIMUM_AHEAD_VARIABLE = "MAXIMUM_AHEAD_SECONDS";

/** The variable with its default, for the definition of a function that judges timestamps. */
export const MAXIMUM_AHEAD: Readonly<Record<string, string>> = {
  [MAXIMUM_AHEAD_VARIABLE]: String(MAXIMUM_AHEAD_MS / 1000),
};

/** More would let one broken clock hide a device for longer than anybody waits. */
export const LARGEST_MAXIMUM_AHEAD_SECONDS = 366 * 24 * 60 * 60;

/** The rules by the function's environment. Raises MisconfiguredError. */
export const readTimestampRules = (environment: Environment): TimestampRules => {
  const text = environment.variable(MAXIMUM_AHEAD_VARIABLE);
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= LARGEST_MAXIMUM_AHEAD_SECONDS)) {
    const rule = `must be a number of seconds from 0 to ${LARGEST_MAXIMUM_AHEAD_SECONDS}`;
    throw new MisconfiguredError(`${MAXIMUM_AHEAD_VARIABLE} ${rule} (got ${JSON.stringify(text)})`);
  }
  return { ...TIMESTAMP_RULES, maximumAheadMs: Math.round(seconds * 1000) };
};
