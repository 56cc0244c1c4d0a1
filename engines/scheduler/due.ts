import { nextRunMs, type TimedBy, timingOf } from "../../lib/core/schedule/timing.ts";
import type { ScheduleRecord, ScheduleSettings } from "./schedule-store.ts";

/** What AWS waits at most for a target, unless a schedule says less. */
const DAY_SECONDS = 86_400;

/** Raises InvalidInputError for an invalid expression or time zone. */
export const timedBy = ({ settings, createdMs }: Pick<ScheduleRecord, "settings" | "createdMs">): TimedBy => {
  const timezone = settings.ScheduleExpressionTimezone ?? "UTC";
  const firstRunMs = settings.StartDate === undefined ? createdMs : settings.StartDate * 1000;
  return { timing: timingOf(settings.ScheduleExpression, timezone), timezone, firstRunMs };
};

/** The first run after a moment; undefined when there is none, or the schedule is off. */
export const dueAfter = (
  record: Pick<ScheduleRecord, "settings" | "createdMs">,
  afterMs: number,
): number | undefined => {
  const { State, StartDate = 0, EndDate = Number.POSITIVE_INFINITY } = record.settings;
  if (State === "DISABLED") return undefined;
  const dueMs = nextRunMs(timedBy(record), Math.max(afterMs, StartDate * 1000 - 1));
  return dueMs !== undefined && dueMs <= EndDate * 1000 ? dueMs : undefined;
};

export const maximumAgeMs = ({ Target }: ScheduleSettings): number =>
  (Target.RetryPolicy?.MaximumEventAgeInSeconds ?? DAY_SECONDS) * 1000;

/**
 * The newest run that is due by now: a machine that slept makes up for one run and not for all. Runs of a
 * year of minutes are passed over from the age on that no run is delivered at any more.
 */
export const newestDue = (record: ScheduleRecord, dueMs: number, nowMs: number): number => {
  const skippedMs = dueAfter(record, nowMs - maximumAgeMs(record.settings));
  let newestMs = skippedMs === undefined || skippedMs > nowMs ? dueMs : Math.max(dueMs, skippedMs);
  for (;;) {
    const laterMs = dueAfter(record, newestMs);
    if (laterMs === undefined || laterMs > nowMs) return newestMs;
    newestMs = laterMs;
  }
};
