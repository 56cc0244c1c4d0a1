import type { Cron, DayRule } from "./cron.ts";
import { momentOf, wallTimeAt } from "./time-zone.ts";

const DAY_MS = 86_400_000;
/** More than clocks are ever set back: no earlier wall time can be a future moment. */
const LONGEST_CHANGE_MS = 4 * 3_600_000;

/**
 * The first moment after another one that a calendar rule names in a time zone. A wall time that the clocks
 * skip is skipped; of one that they show twice, the first counts. Undefined when there is none.
 */
export const nextCronRun = (cron: Cron, timeZone: string, afterMs: number): number | undefined => {
  const fromMs = wallTimeAt(afterMs, timeZone) - LONGEST_CHANGE_MS;
  for (const dayMs of daysOf(cron, fromMs)) {
    for (const hour of cron.hours) {
      for (const minute of cron.minutes) {
        const wallMs = dayMs + (hour * 60 + minute) * 60_000;
        if (wallMs < fromMs) continue;
        const momentMs = momentOf(wallMs, timeZone);
        if (momentMs !== undefined && momentMs > afterMs) return momentMs;
      }
    }
  }
  return undefined;
};

/** The days of the rule as wall times of their midnight, ascending, from the day of `fromMs` on. */
function* daysOf({ years, months, days }: Cron, fromMs: number): Generator<number> {
  const firstDayMs = Math.floor(fromMs / DAY_MS) * DAY_MS;
  const firstYear = new Date(fromMs).getUTCFullYear();
  for (const year of years) {
    if (year < firstYear) continue;
    for (const month of months) {
      for (const day of daysInMonth(days, year, month)) {
        const dayMs = Date.UTC(year, month - 1, day);
        if (dayMs >= firstDayMs) yield dayMs;
      }
    }
  }
}

const daysInMonth = (rule: DayRule, year: number, month: number): number[] => {
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const all = Array.from({ length: last }, (_, index) => index + 1);
  const on = (weekday: number): number[] => all.filter((day) => weekdayOf(year, month, day) === weekday);
  switch (rule.kind) {
    case "days":
      return rule.days.filter((day) => day <= last);
    case "last-day":
      return [last];
    case "nearest-weekday":
      return rule.day > last ? [] : [nearestWeekday(year, month, rule.day, last)];
    case "weekdays":
      return all.filter((day) => rule.weekdays.includes(weekdayOf(year, month, day)));
    case "last-weekday":
      return on(rule.weekday).slice(-1);
    case "nth-weekday":
      return on(rule.weekday).slice(rule.nth - 1, rule.nth);
  }
};

/** 1 is Sunday. */
const weekdayOf = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

const nearestWeekday = (year: number, month: number, day: number, last: number): number => {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return day > 1 ? day - 1 : day + 2;
  if (weekday === 1) return day < last ? day + 1 : day - 2;
  return day;
};
