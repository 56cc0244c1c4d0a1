import type { Clock } from "../clock.ts";
import { ConflictError } from "../errors.ts";
import { refuseProblems } from "../field-problems.ts";
import type { RecordingStore } from "../recording/recording.ts";
import { outlineReplay } from "../replay/create-replay.ts";
import { type ReplayBody, toReplayRequest } from "../replay/replay-body.ts";
import type { NewReplaySchedule, ReplaySchedule, ReplayScheduler } from "./replay-schedule.ts";
import { firstRunAfter, parseTiming, type TimingRequest } from "./timing.ts";

export interface PutPorts {
  readonly schedules: ReplayScheduler;
  readonly recordings: RecordingStore;
  readonly now: Clock;
  /** Schedules that there may be. */
  readonly maximumSchedules: number;
}

export interface ScheduleRequest extends TimingRequest {
  /** UTC by default. */
  readonly timezone?: string;
  readonly replay: ReplayBody;
}

/** EventBridge Scheduler takes 64 characters, of which a tenant and a dot may take 25. */
export const SCHEDULE_NAME_PATTERN = /^[A-Za-z0-9_.-]{1,39}$/;
export const SCHEDULE_NAME_RULE = "must be 1 to 39 of A-Z a-z 0-9 . _ -";

/** Throws InvalidInputError. */
export const checkScheduleName = (name: string): string => {
  if (!SCHEDULE_NAME_PATTERN.test(name)) {
    refuseProblems([{ field: "name", value: name, rule: SCHEDULE_NAME_RULE }]);
  }
  return name;
};

/**
 * Creates a schedule, or replaces the one of that name. The replay is checked as if it started now, because
 * recordings never change. An identical schedule stays as it is, so that repeating a request does not delay a
 * rate's next run. Throws InvalidInputError, NotFoundError for a recording, and what the scheduler throws.
 */
export const putReplaySchedule = async (
  { schedules, recordings, now, maximumSchedules }: PutPorts,
  name: string,
  request: ScheduleRequest,
): Promise<{ readonly schedule: ReplaySchedule; readonly created: boolean }> => {
  checkScheduleName(name);
  const { timezone = "UTC", replay } = request;
  const timing = parseTiming(request, timezone);
  const nowMs = now();
  const firstRunMs = firstRunAfter(timing, timezone, nowMs);
  await outlineReplay(recordings, toReplayRequest(replay));
  const known = await schedules.get(name);
  if (known && isSame(known, { timing, timezone, replay })) return { schedule: known, created: false };
  const schedule = { name, timing, timezone, replay, ...("rate" in timing && { firstRunMs }) };
  if (!known) await refuseTooMany(schedules, maximumSchedules);
  await schedules.put(schedule);
  // The scheduler says when it was created, by its own clock.
  const { createdAtMs, updatedAtMs } = (await schedules.get(name)) ?? {
    createdAtMs: known?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
  };
  return { schedule: { ...schedule, createdAtMs, updatedAtMs }, created: known === undefined };
};

/** Waiting does not make room: a schedule stays until somebody deletes it. */
const refuseTooMany = async (schedules: ReplayScheduler, maximum: number): Promise<void> => {
  const count = await schedules.count(maximum);
  if (count < maximum) return;
  throw new ConflictError(`at most ${maximum} replay schedules, and there are ${count}: delete one first`);
};

type Content = Pick<NewReplaySchedule, "timing" | "timezone" | "replay">;

/** By their JSON, which both were read from, whatever the order of names. */
const isSame = (one: Content, other: Content): boolean => canonical(one) === canonical(other);

const canonical = ({ timing, timezone, replay }: Content): string =>
  JSON.stringify([timing, timezone, replay], (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
