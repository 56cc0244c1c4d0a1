import type { Damage } from "../../../lib/core/track/damaged-segment.ts";

/** Present on an answer that lacks positions: formats other than JSON have no place to say so. */
export const DAMAGED_HEADER = "x-damaged";

/** At most this many gaps are listed in the header; a page of JSON lists all. */
const TOLD_GAPS = 20;

const iso = (timestampMs: number): string => new Date(timestampMs).toISOString();

/** Intervals as ISO 8601 writes them, for example `2026-05-04T12:00:00.000Z/2026-05-04T12:01:29.000Z`. */
export const damagedHeader = (damaged: readonly Damage[]): Record<string, string> => {
  if (damaged.length === 0) return {};
  const intervals = damaged.slice(0, TOLD_GAPS).map(({ fromMs, toMs }) => `${iso(fromMs)}/${iso(toMs)}`);
  const more = damaged.length > TOLD_GAPS ? [`and ${damaged.length - TOLD_GAPS} more`] : [];
  return { [DAMAGED_HEADER]: [...intervals, ...more].join(", ") };
};

/** The same as JSON; undefined when nothing is missing. */
export const damagedJson = (damaged: readonly Damage[]) =>
  damaged.length === 0
    ? undefined
    : damaged.map(({ fromMs, toMs, positionCount }) => ({ from: iso(fromMs), to: iso(toMs), positionCount }));
