import { MisconfiguredError } from "../core/errors.ts";
import {
  ANY_TIME_SINCE_1970,
  GPS_EPOCH_MS,
  MAXIMUM_AHEAD_MS,
  parseTimestamp,
  type TimestampRules,
} from "../core/position/parse-timestamp.ts";

/** How far a position's time may be ahead of its arrival, in seconds; a deployment may set another value. */
export const MAXIMUM_AHEAD_VARIABLE = "MAXIMUM_AHEAD_SECONDS";

/**
 * The earliest time that a position may have, in ISO 8601; a deployment for simulations may set an earlier
 * one.
 */
export const EARLIEST_VARIABLE = "EARLIEST_TIMESTAMP";
export const DEFAULT_EARLIEST = new Date(GPS_EPOCH_MS).toISOString();
export const EARLIEST_RULE = "must be a moment since 1970 in ISO 8601, for example 1980-01-06T00:00:00Z";

/** The variables with their defaults, for the definition of a function that judges timestamps. */
export const MAXIMUM_AHEAD = {
  [MAXIMUM_AHEAD_VARIABLE]: String(MAXIMUM_AHEAD_MS / 1000),
  [EARLIEST_VARIABLE]: DEFAULT_EARLIEST,
} as const;

/** With more, one broken clock could hide a device for longer than anybody waits. */
export const LARGEST_MAXIMUM_AHEAD_SECONDS = 366 * 24 * 60 * 60;

/** Milliseconds since 1970; NaN for what breaks EARLIEST_RULE. */
export const readEarliest = (text: string): number => parseTimestamp(text, 0, ANY_TIME_SINCE_1970);

/** The rules that the function's environment sets. Raises MisconfiguredError. */
export const readTimestampRules = (environment: {
  readonly variable: (name: keyof typeof MAXIMUM_AHEAD) => string;
}): TimestampRules => {
  const text = environment.variable(MAXIMUM_AHEAD_VARIABLE);
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= LARGEST_MAXIMUM_AHEAD_SECONDS)) {
    const rule = `must be a number of seconds from 0 to ${LARGEST_MAXIMUM_AHEAD_SECONDS}`;
    throw new MisconfiguredError(`${MAXIMUM_AHEAD_VARIABLE} ${rule} (got ${JSON.stringify(text)})`);
  }
  const earliest = environment.variable(EARLIEST_VARIABLE);
  const earliestMs = readEarliest(earliest);
  if (Number.isNaN(earliestMs)) {
    throw new MisconfiguredError(`${EARLIEST_VARIABLE} ${EARLIEST_RULE} (got ${JSON.stringify(earliest)})`);
  }
  return { earliestMs, maximumAheadMs: Math.round(seconds * 1000) };
};
