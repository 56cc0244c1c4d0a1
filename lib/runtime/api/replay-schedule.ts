import * as Type from "typebox";
import type { ReplayBody } from "../../core/replay/replay-body.ts";
import { SCHEDULE_NAME_PATTERN, SCHEDULE_NAME_RULE } from "../../core/schedule/put-schedule.ts";
import type { ReplaySchedule } from "../../core/schedule/replay-schedule.ts";
import { scheduledReplayId } from "../../core/schedule/start-scheduled-replay.ts";
import { nextRunMs } from "../../core/schedule/timing.ts";
import { REPLAY_BODY, replayPath } from "./replay.ts";

/** Path parameters of everything under `/replay-schedules/{name}`. */
export const REPLAY_SCHEDULE_PATH = Type.Object({
  name: Type.String({ pattern: SCHEDULE_NAME_PATTERN.source, "x-rule": SCHEDULE_NAME_RULE }),
});

/** EventBridge Scheduler's own limits; `cron()` takes up six characters. */
const LONGEST_CRON = 250;
const LONGEST_TIMEZONE = 50;

const TIMING = {
  at: Type.Optional(
    Type.String({
      maxLength: 32,
      description: "Once, in local time of the time zone, for example 2026-12-01T03:00:00",
    }),
  ),
  rate: Type.Optional(
    Type.String({
      maxLength: 32,
      description: "Repeatedly, first one period from now: 5 minutes, 1 hour, 7 days",
    }),
  ),
  cron: Type.Optional(
    Type.String({
      maxLength: LONGEST_CRON,
      description:
        "By the calendar: minutes, hours, day of month, month, day of week (1 or SUN to 7 or SAT), year; one of the two " +
        "days must be ?. For example 0 3 ? * MON-FRI *. A time that the clocks skip in spring is skipped; one that they " +
        "show twice in autumn runs once",
    }),
  ),
};

/** The body of a PUT, and what cdk.json may hold. */
export const REPLAY_SCHEDULE_BODY = Type.Object(
  {
    ...TIMING,
    timezone: Type.Optional(
      Type.String({ maxLength: LONGEST_TIMEZONE, description: "Name in the IANA database; default UTC" }),
    ),
    replay: REPLAY_BODY,
  },
  { additionalProperties: false },
);

export const REPLAY_SCHEDULE = Type.Object({
  name: Type.String(),
  ...TIMING,
  timezone: Type.String(),
  replay: REPLAY_BODY,
  nextRun: Type.Optional(
    Type.Object(
      {
        at: Type.String({ format: "date-time" }),
        replayId: Type.String({ description: "Id that the replay will have" }),
      },
      { description: "Absent when there are no more runs" },
    ),
  ),
  createdAt: Type.String({ format: "date-time" }),
  updatedAt: Type.String({ format: "date-time" }),
  links: Type.Object({ self: Type.String(), nextReplay: Type.Optional(Type.String()) }),
});

/** What a schedule delivers to the function that it starts. */
export const SCHEDULED_REPLAY = Type.Object({
  schedule: Type.String(),
  scheduledTime: Type.String(),
  replay: REPLAY_BODY,
});

/** A schedule as the API answers it. */
export interface ReplayScheduleJson {
  readonly name: string;
  readonly at?: string;
  readonly rate?: string;
  readonly cron?: string;
  readonly timezone: string;
  readonly replay: ReplayBody;
  readonly nextRun?: { readonly at: string; readonly replayId: string };
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly links: { readonly self: string; readonly nextReplay?: string };
}

export const replaySchedulePath = (name: string): string => `/replay-schedules/${encodeURIComponent(name)}`;

/** A schedule as it stands at `nowMs`. */
export const replayScheduleJson = (schedule: ReplaySchedule, nowMs: number): ReplayScheduleJson => {
  const { name, timing, timezone, replay } = schedule;
  const runMs = nextRunMs(schedule, nowMs);
  const replayId = runMs === undefined ? undefined : scheduledReplayId(name, runMs);
  return {
    name,
    ...timing,
    timezone,
    replay,
    ...(runMs !== undefined &&
      replayId !== undefined && { nextRun: { at: new Date(runMs).toISOString(), replayId } }),
    createdAt: new Date(schedule.createdAtMs).toISOString(),
    updatedAt: new Date(schedule.updatedAtMs).toISOString(),
    links: {
      self: replaySchedulePath(name),
      ...(replayId !== undefined && { nextReplay: replayPath(replayId) }),
    },
  };
};
