import * as Type from "typebox";
import { InvalidInputError } from "../../core/errors.ts";
import { ANY_TIME_SINCE_1970, parseTimestamp } from "../../core/position/parse-timestamp.ts";

const RULE =
  "must be ISO 8601 with its zone, for example 2026-05-04T12:00:00Z, or seconds or milliseconds since 1970";

/** A query parameter that holds a moment; `readTime` reads it. */
export const timeParameter = (description: string) =>
  Type.String({
    description: `${description}: ISO 8601 with its zone, or seconds or milliseconds since 1970`,
  });

/** A moment in milliseconds since 1970. Raises InvalidInputError for the field. */
export const readTime = (field: string, text: string): number => {
  // A plus sign that was not encoded arrives as a space: 12:00:00+02:00.
  const restored = text.replace(/ (\d{2}(:?\d{2})?)$/, "+$1");
  const timestampMs = parseTimestamp(restored, 0, ANY_TIME_SINCE_1970);
  if (!Number.isNaN(timestampMs)) return timestampMs;
  throw new InvalidInputError(`${field} ${RULE}`, { problems: [{ field, value: text, rule: RULE }] });
};
