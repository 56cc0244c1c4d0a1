/** Numbers below this are seconds (until the year 5138), from it on milliseconds (since 1973). */
const FIRST_MILLISECONDS = 1e11;
/** From here on (the year 5138 in milliseconds) only micro- or nanoseconds make sense. */
const FIRST_MICROSECONDS = 1e14;
/**
 * How far a device's clock may be ahead. Until its time comes, such a position is the newest of its device,
 * and all that follow are late. So it is minutes: a clock that was ever set by satellites is never off by
 * more.
 */
export const MAXIMUM_AHEAD_MS = 5 * 60 * 1000;
/** When GPS time began. A receiver without a fix reports this, or 1970. */
export const GPS_EPOCH_MS = Date.UTC(1980, 0, 6);

/** What the timestamp of a position is held to. */
export interface TimestampRules {
  /** Earlier ones are refused. */
  readonly earliestMs: number;
  /** How far a timestamp may be after the time of the check. */
  readonly maximumAheadMs: number;
}

export const TIMESTAMP_RULES: TimestampRules = {
  earliestMs: GPS_EPOCH_MS,
  maximumAheadMs: MAXIMUM_AHEAD_MS,
};

/** For a moment that is no position's, such as the beginning of a range. */
export const ANY_TIME_SINCE_1970: TimestampRules = {
  earliestMs: 0,
  maximumAheadMs: Number.POSITIVE_INFINITY,
};

// Each character can match in one way only: with `\d+\.?\d*` a megabyte of digits and a letter would take
// hours.
const NUMERIC = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Shorter or longer text is no timestamp in ISO 8601: `YYYY-MM-DDThh:mmZ`. */
const SHORTEST_ISO = 17;
const LONGEST_ISO = 64;

/** Whether a text is a decimal number and nothing else, not even spaces. */
export const isNumeric = (text: string): boolean => NUMERIC.test(text);

/**
 * The number that a text holds in decimal notation; NaN when it holds anything else (`0x10`, `1,5`,
 * `Infinity`).
 */
export const parseNumber = (text: string): number => {
  const trimmed = text.trim();
  return NUMERIC.test(trimmed) ? Number(trimmed) : Number.NaN;
};

/**
 * A timestamp as integer milliseconds since 1970, or NaN when it breaks a rule, which `timestampRule` names.
 * Takes ISO 8601 text with a zone, or a number (or numeric text): below 1e11 seconds, the fraction kept to
 * the millisecond; below 1e14 milliseconds. `nowMs` is what the rules count from.
 */
export const parseTimestamp = (value: unknown, nowMs: number, rules = TIMESTAMP_RULES): number => {
  const timestampMs = toMilliseconds(value);
  return timestampMs >= rules.earliestMs && !(timestampMs > nowMs + rules.maximumAheadMs)
    ? timestampMs
    : Number.NaN;
};

/** The rule that a refused timestamp broke. */
export const timestampRule = (value: unknown, nowMs: number, rules = TIMESTAMP_RULES): string => {
  const number = typeof value === "string" ? parseNumber(value) : value;
  if (typeof number === "number" && number >= FIRST_MICROSECONDS) {
    return "must be seconds, milliseconds or ISO 8601; looks like micro- or nanoseconds";
  }
  return (
    momentRule(toMilliseconds(value), nowMs, rules) ??
    "must be ISO 8601 with a zone, for example 2026-05-04T12:00:00.000Z, or seconds or milliseconds since 1970"
  );
};

/** The rule that a moment, in milliseconds since 1970, breaks; undefined when it breaks none. */
export const momentRule = (timestampMs: number, nowMs: number, rules: TimestampRules): string | undefined => {
  if (timestampMs < rules.earliestMs) return `must not be before ${beginningOf(rules)}`;
  if (timestampMs > nowMs + rules.maximumAheadMs) {
    return `must not be more than ${maximumOf(rules)} after ${new Date(nowMs).toISOString()}`;
  }
  return undefined;
};

const beginningOf = ({ earliestMs }: TimestampRules): string => {
  const moment = new Date(earliestMs).toISOString();
  return earliestMs === GPS_EPOCH_MS ? `${moment}, when GPS began` : moment;
};

const maximumOf = ({ maximumAheadMs }: TimestampRules): string =>
  maximumAheadMs === MAXIMUM_AHEAD_MS ? "5 minutes" : `${maximumAheadMs / 1000} seconds`;

const toMilliseconds = (value: unknown): number => {
  if (typeof value === "number") return numberToMilliseconds(value);
  if (typeof value !== "string") return Number.NaN;
  // Most are ISO 8601, and nothing is both.
  const timestampMs = parseIso(value.trim());
  return Number.isNaN(timestampMs) ? numberToMilliseconds(parseNumber(value)) : timestampMs;
};

const numberToMilliseconds = (value: number): number => {
  if (!(value < FIRST_MICROSECONDS)) return Number.NaN;
  // Adding 0 turns -0 into 0.
  return Math.round(value < FIRST_MILLISECONDS ? value * 1000 : value) + 0;
};

const DASH = 45;
const COLON = 58;

/**
 * `YYYY-MM-DD(T| )hh:mm[:ss[(.|,)fraction]](Z|±hh[[:]mm])`, also with lower-case t and z. By hand because
 * Date.parse takes far more than ISO 8601, guesses zones, and is slower. NaN when the text is anything else.
 */
const parseIso = (text: string): number => {
  if (text.length < SHORTEST_ISO || text.length > LONGEST_ISO) return Number.NaN;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(13) !== COLON) {
    return Number.NaN;
  }
  const separator = text[10];
  if (separator !== "T" && separator !== "t" && separator !== " ") return Number.NaN;
  let next = 16;
  let second = 0;
  let fraction = 0;
  if (text.charCodeAt(next) === COLON) {
    second = digits(text, 17, 2);
    next = 19;
    if (text[next] === "." || text[next] === ",") {
      const first = ++next;
      for (let scale = 0.1; isDigit(text, next); scale /= 10) fraction += digits(text, next++, 1) * scale;
      if (next === first) return Number.NaN;
    }
  }
  const offsetMinutes = parseZone(text, next);
  // Written so that NaN, from a character that is not a digit, fails.
  const possible =
    month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) && hour < 24 && minute < 60;
  if (!(possible && second < 60)) return Number.NaN;
  const minutes = (daysSince1970(year, month, day) * 24 + hour) * 60 + minute - offsetMinutes;
  return (minutes * 60 + second) * 1000 + Math.round(fraction * 1000);
};

/**
 * Minutes east of Greenwich from `Z`, `+02`, `+0200` or `+02:00` at the text's end; NaN when there is no
 * zone.
 */
const parseZone = (text: string, at: number): number => {
  const sign = text[at];
  if (sign === "Z" || sign === "z") return text.length === at + 1 ? 0 : Number.NaN;
  if (sign !== "+" && sign !== "-") return Number.NaN;
  const hours = digits(text, at + 1, 2);
  let minutes = 0;
  if (text.length > at + 3) {
    const minutesAt = text.charCodeAt(at + 3) === COLON ? at + 4 : at + 3;
    if (text.length !== minutesAt + 2) return Number.NaN;
    minutes = digits(text, minutesAt, 2);
  }
  if (!(hours < 24 && minutes < 60)) return Number.NaN;
  return sign === "+" ? hours * 60 + minutes : -(hours * 60 + minutes);
};

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at) - 48;
  return code >= 0 && code <= 9;
};

const digits = (text: string, from: number, length: number): number => {
  let value = 0;
  for (let at = from; at < from + length; at++) {
    const digit = text.charCodeAt(at) - 48;
    // Written so that NaN, from after the text's end, fails.
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
};

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const daysInMonth = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : DAYS_IN_MONTH[month - 1];

/**
 * Days from 1970-01-01 in the proleptic Gregorian calendar, by years that begin in March so that leap days
 * come last.
 */
const daysSince1970 = (year: number, month: number, day: number): number => {
  const marchYear = month > 2 ? year : year - 1;
  const daysBeforeMonth = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5);
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + daysBeforeMonth + day - 1 - DAYS_FROM_MARCH_OF_YEAR_0_TO_1970;
};

const DAYS_FROM_MARCH_OF_YEAR_0_TO_1970 = 719_468;
