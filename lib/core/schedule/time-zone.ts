/*
 * Wall-clock time in a time zone of the IANA database, by means of the runtime's own copy of it. A wall time
 * is held as the milliseconds that it would be since 1970 if the zone were UTC: it is a reading of a clock
 * and not a moment.
 */

const HOURS_MS = 3_600_000;
/** Letters first: the runtime would also accept offsets such as +02:00, which are not time zones. */
const NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/;

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timeZone, format);
  }
  return format;
};

/** True for `UTC`, `Europe/Ljubljana` and such, in the spelling of the database. */
export const isTimeZone = (name: string): boolean => {
  if (!NAME.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions();
    // The runtime accepts any case, schedulers do not. An alias is returned under its newer name, whose case
    // says nothing.
    return timeZone.toLowerCase() !== name.toLowerCase() || timeZone === name;
  } catch {
    return false;
  }
};

/** What the clocks of the zone show at a moment, to the second. */
export const wallTimeAt = (momentMs: number, timeZone: string): number => {
  const read: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(momentMs)) read[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

/**
 * The moment at which the clocks of the zone show a wall time: the first one when they show it twice,
 * undefined when they leave it out, as in spring.
 */
export const momentOf = (wallMs: number, timeZone: string): number | undefined => {
  // The offset is one of those half a day before and after, whichever side of a change the wall time is on.
  const offsets = [-12, 12].map((hours) => {
    const nearMs = wallMs + hours * HOURS_MS;
    return wallTimeAt(nearMs, timeZone) - nearMs;
  });
  const moments = offsets
    .map((offsetMs) => wallMs - offsetMs)
    .filter((momentMs) => wallTimeAt(momentMs, timeZone) === wallMs);
  return moments.length > 0 ? Math.min(...moments) : undefined;
};
