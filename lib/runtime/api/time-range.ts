import { InvalidInputError } from "../../core/errors.ts";
import type { TimeRange } from "../../core/track/track-store.ts";
import { readTime } from "./time.ts";

export interface RangeQuery {
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
}

/** Later than any timestamp that is read as milliseconds. */
const END_OF_TIME_MS = 1e14;

/** A cursor is the first moment of the page that it points to. */
export const encodeCursor = (nextMs: number | undefined): string | undefined => nextMs?.toString(36);

const decodeCursor = (cursor: string): number => {
  const nextMs = Number.parseInt(cursor, 36);
  if (nextMs >= 0 && nextMs <= END_OF_TIME_MS && nextMs.toString(36) === cursor) return nextMs;
  return refuse("cursor", cursor, "must come from the previous page");
};

const refuse = (field: string, value: string, rule: string): never => {
  throw new InvalidInputError(`${field} ${rule}`, { problems: [{ field, value, rule }] });
};

/** The most that a page may cover. Raises InvalidInputError. */
export const readRange = ({ from, to, cursor }: RangeQuery): TimeRange => {
  const fromMs = from === undefined ? 0 : readTime("from", from);
  const toMs = to === undefined ? END_OF_TIME_MS : readTime("to", to);
  if (from !== undefined && fromMs > toMs) refuse("from", from, "must not be after `to`");
  return { fromMs: cursor === undefined ? fromMs : Math.max(fromMs, decodeCursor(cursor)), toMs };
};
