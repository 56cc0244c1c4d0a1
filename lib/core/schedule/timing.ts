import type { FieldProblem } from "../errors.ts";
import { inputErrorOf, refuseProblems } from "../field-problems.ts";
import { CronRuleError, parseCron } from "./cron.ts";
import { nextCronRun } from "./cron-runs.ts";
import { isTimeZone, momentOf } from "./time-zone.ts";

/**
 * When something happens: once, again and again, or by the calendar. The texts are those of EventBridge
 * Scheduler's expressions.
 */
export type Timing =
  /** Wall time, `2026-12-01T03:00:00`. */
  | { readonly at: string }
  /** `5 minutes`: minutes, hours, or days of 24 hours. */
  | { readonly rate: string }
  /** `0 3 ? * MON-FRI *`: minutes, hours, day of month, month, day of week, year. */
  | { readonly cron: string };

/** A timing together with what it is read by. */
export interface TimedBy {
  readonly timing: Timing;
  /** Of the IANA database. A rate does not depend on it. */
  readonly timezone: string;
  /** When a rate runs first; the other kinds have no use for it. */
  readonly firstRunMs?: number;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const RATE = /^([1-9]\d{0,5}) (minute|hour|day)(s?)$/;
const RATE_RULE = "must be a whole number and minutes, hours or days, for example 5 minutes or 1 hour";
const AT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;
const AT_RULE = "must be a local time such as 2026-12-01T03:00:00, without a zone: that goes into timezone";

/** What a caller may give; exactly one of the three kinds. */
export interface TimingRequest {
  readonly at?: string;
  readonly rate?: string;
  readonly cron?: string;
}

/**
 * Checks how a timing is written, not whether it is still to come. Throws InvalidInputError that names every
 * problem.
 */
export const parseTiming = ({ at, rate, cron }: TimingRequest, timezone: string): Timing => {
  const problems: FieldProblem[] = [];
  const given = Object.entries({ at, rate, cron }).filter(([, value]) => value !== undefined);
  if (given.length === 0) problems.push({ field: "at", rule: "is missing: give at, rate or cron" });
  for (const [field, value] of given.slice(1)) {
    problems.push({ field, value, rule: `must not be given together with ${given[0][0]}` });
  }
  if (at !== undefined && wallTimeOf(at) === undefined)
    problems.push({ field: "at", value: at, rule: AT_RULE });
  if (rate !== undefined && periodMs(rate) === undefined) {
    problems.push({ field: "rate", value: rate, rule: RATE_RULE });
  }
  const cronRule = cron === undefined ? undefined : brokenCronRule(cron);
  if (cronRule !== undefined) problems.push({ field: "cron", value: cron, rule: cronRule });
  if (!isTimeZone(timezone)) {
    const rule = "must be a time zone of the IANA database, for example UTC or Europe/Ljubljana";
    problems.push({ field: "timezone", value: timezone, rule });
  }
  refuseProblems(problems);
  if (at !== undefined) return { at: at.length === 16 ? `${at}:00` : at };
  if (rate !== undefined) return { rate };
  return { cron: (cron ?? "").trim().replace(/\s+/g, " ") };
};

/** `at(2026-12-01T03:00:00)`, `rate(5 minutes)`, `cron(0 3 ? * MON-FRI *)`. */
export const expressionOf = (timing: Timing): string => {
  const [[kind, text]] = Object.entries(timing);
  return `${kind}(${text})`;
};

/** Reads what expressionOf wrote, whoever wrote it. Throws InvalidInputError. */
export const timingOf = (expression: string, timezone: string): Timing => {
  const [, kind, text] = /^(at|rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === undefined) {
    throw inputErrorOf({
      field: "expression",
      value: expression,
      rule: "must be at(...), rate(...) or cron(...)",
    });
  }
  return parseTiming({ [kind]: text }, timezone);
};

/** The first run after `afterMs`; undefined when there are no more. */
export const nextRunMs = (timed: TimedBy, afterMs: number): number | undefined => {
  const { timing, timezone, firstRunMs = 0 } = timed;
  if ("cron" in timing) return nextCronRun(parseCron(timing.cron), timezone, afterMs);
  if ("rate" in timing) {
    const everyMs = periodMs(timing.rate) ?? Number.NaN;
    const periods = Math.max(0, Math.floor((afterMs - firstRunMs) / everyMs) + 1);
    return firstRunMs + periods * everyMs;
  }
  const momentMs = momentOf(wallTimeOf(timing.at) ?? Number.NaN, timezone);
  return momentMs !== undefined && momentMs > afterMs ? momentMs : undefined;
};

/**
 * The first run of a schedule that is requested at `nowMs`. Throws InvalidInputError if there never is one: a
 * time that is past, or that the zone's clocks skip, or a rule without a day.
 */
export const firstRunAfter = (timing: Timing, timezone: string, nowMs: number): number => {
  if ("rate" in timing) {
    // Whole seconds: a scheduler holds no fractions.
    return Math.ceil(nowMs / 1000) * 1000 + (periodMs(timing.rate) ?? Number.NaN);
  }
  const runMs = nextRunMs({ timing, timezone }, nowMs);
  if (runMs !== undefined) return runMs;
  const now = new Date(nowMs).toISOString();
  if ("cron" in timing) {
    throw inputErrorOf({ field: "cron", value: timing.cron, rule: "must name a future time" });
  }
  const exists = momentOf(wallTimeOf(timing.at) ?? Number.NaN, timezone) !== undefined;
  const rule = exists
    ? `must be in the future: in ${timezone} it was over at ${now}`
    : `must be a time that exists: the clocks of ${timezone} are put forward over it`;
  throw inputErrorOf({ field: "at", value: timing.at, rule });
};

const brokenCronRule = (expression: string): string | undefined => {
  try {
    parseCron(expression);
    return undefined;
  } catch (error) {
    if (error instanceof CronRuleError) return error.message;
    throw error;
  }
};

/** Undefined if it is not a rate; as with EventBridge, `1 minutes` and `5 minute` are not. */
const periodMs = (rate: string): number | undefined => {
  const [, count, unit, plural] = RATE.exec(rate) ?? [];
  if (count === undefined || (count === "1") !== (plural === "")) return undefined;
  return Number(count) * UNIT_MS[unit];
};

/** As a wall time, see time-zone.ts; undefined if it is not a date and time. */
const wallTimeOf = (text: string): number | undefined => {
  const [, ...digits] = AT.exec(text) ?? [];
  if (digits.length === 0) return undefined;
  const [year, month, day, hour, minute, second = 0] = digits.map((each) => Number(each ?? 0));
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const whole = text.length === 16 ? `${text}:00` : text;
  // A 31st of February would have become a day in March.
  return new Date(wallMs).toISOString().slice(0, 19) === whole ? wallMs : undefined;
};
