/**
 * A calendar rule in the six fields of EventBridge Scheduler: minutes, hours, day of month, month, day of
 * week, year.
 */
export interface Cron {
  /** Each ascending. */
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  readonly years: readonly number[];
  readonly days: DayRule;
}

export type DayRule =
  | { readonly kind: "days"; readonly days: readonly number[] }
  | { readonly kind: "last-day" }
  /** The weekday, Monday to Friday, nearest to this day of the month, in the same month. */
  | { readonly kind: "nearest-weekday"; readonly day: number }
  /** 1 is Sunday, 7 is Saturday. */
  | { readonly kind: "weekdays"; readonly weekdays: readonly number[] }
  | { readonly kind: "last-weekday"; readonly weekday: number }
  | { readonly kind: "nth-weekday"; readonly weekday: number; readonly nth: number };

/** A field of the expression: what it is called in a refusal, and what it may hold. */
interface Field {
  readonly title: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
  readonly isStepped: boolean;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const SATURDAY = 7;

const MINUTES: Field = { title: "minutes", least: 0, most: 59, isStepped: true };
const HOURS: Field = { title: "hours", least: 0, most: 23, isStepped: true };
const DAY_OF_MONTH: Field = { title: "day of month", least: 1, most: 31, isStepped: true };
const MONTH: Field = { title: "month", least: 1, most: 12, names: MONTHS, isStepped: true };
const DAY_OF_WEEK: Field = { title: "day of week", least: 1, most: 7, names: WEEKDAYS, isStepped: false };
const YEAR: Field = { title: "year", least: 1970, most: 2199, isStepped: true };

/** An expression that breaks a rule; the message is the rule. */
export class CronRuleError extends Error {
  override readonly name = "CronRuleError";
}

const refuse = (rule: string): never => {
  throw new CronRuleError(rule);
};

/** Reads `0 3 ? * MON-FRI *`. Throws CronRuleError. */
export const parseCron = (expression: string): Cron => {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 6) {
    refuse(
      "must have six fields: minutes, hours, day of month, month, day of week, year; " +
        "for example 0 3 ? * MON-FRI *",
    );
  }
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields;
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    refuse("must have ? as day of month or as day of week, and not as both: the other one says which days");
  }
  return {
    minutes: numbersOf(minutes, MINUTES),
    hours: numbersOf(hours, HOURS),
    months: numbersOf(month, MONTH),
    years: numbersOf(year, YEAR),
    days: dayOfWeek === "?" ? dayOfMonthRule(dayOfMonth) : dayOfWeekRule(dayOfWeek),
  };
};

const dayOfMonthRule = (text: string): DayRule => {
  if (text === "L") return { kind: "last-day" };
  const nearest = /^(\d+)W$/.exec(text);
  if (nearest) return { kind: "nearest-weekday", day: numberOf(nearest[1], DAY_OF_MONTH) };
  return { kind: "days", days: numbersOf(text, DAY_OF_MONTH) };
};

const dayOfWeekRule = (text: string): DayRule => {
  if (text === "L") return { kind: "weekdays", weekdays: [SATURDAY] };
  const last = /^(\w+)L$/.exec(text);
  if (last) return { kind: "last-weekday", weekday: numberOf(last[1], DAY_OF_WEEK) };
  const nth = /^(\w+)#(\w+)$/.exec(text);
  if (!nth) return { kind: "weekdays", weekdays: numbersOf(text, DAY_OF_WEEK) };
  const number = Number(nth[2]);
  if (!(number >= 1 && number <= 5)) refuse(`must have 1 to 5 after # in its day of week, not ${nth[2]}`);
  return { kind: "nth-weekday", weekday: numberOf(nth[1], DAY_OF_WEEK), nth: number };
};

/** The numbers that a list such as `1,5-10,30/5` names, ascending. */
const numbersOf = (text: string, field: Field): number[] => {
  const found = new Set(text.split(",").flatMap((part) => numbersOfPart(part, field)));
  return [...found].sort((one, other) => one - other);
};

const numbersOfPart = (part: string, field: Field): number[] => {
  const { title, least, most, isStepped } = field;
  const [range, step, ...rest] = part.split("/");
  if (rest.length > 0 || (step !== undefined && !isStepped)) refuse(ruleOf(field, part));
  const every = step === undefined ? 1 : Number(/^\d+$/.test(step) ? step : Number.NaN);
  if (!(every >= 1 && every <= most))
    refuse(`must have a step from 1 to ${most} in its ${title}, not ${part}`);
  const [from, to] = boundsOf(range, step !== undefined, field);
  if (from > to) refuse(`must have an ascending range in its ${title}, not ${part}`);
  const numbers: number[] = [];
  for (let number = Math.max(from, least); number <= to; number += every) numbers.push(number);
  return numbers;
};

const boundsOf = (range: string, isStepped: boolean, field: Field): [from: number, to: number] => {
  if (range === "*") return [field.least, field.most];
  const bounds = range.split("-").map((text) => numberOf(text, field));
  if (bounds.length > 2) refuse(ruleOf(field, range));
  const [from, to = isStepped ? field.most : from] = bounds;
  return [from, to];
};

const numberOf = (text: string, field: Field): number => {
  const named = (field.names?.indexOf(text.toUpperCase()) ?? -1) + 1;
  const number = named || (/^\d+$/.test(text) ? Number(text) : Number.NaN);
  return number >= field.least && number <= field.most ? number : refuse(ruleOf(field, text));
};

const ruleOf = ({ title, least, most, names, isStepped }: Field, part: string): string => {
  const words = names ? ` or ${names[0]} to ${names.at(-1)}` : "";
  const marks = isStepped ? ", - * /" : ", - *";
  const special = title === "day of month" ? " ? L W" : title === "day of week" ? " ? L #" : "";
  return `must have ${least} to ${most}${words} as its ${title}, with ${marks}${special}; not ${part || "nothing"}`;
};
