import type { CreateScheduleCommandInput, GetScheduleCommandOutput } from "@aws-sdk/client-scheduler";
import {
  MAXIMUM_DELAY_SECONDS,
  type NewReplaySchedule,
  type ReplaySchedule,
  type ScheduledReplay,
} from "../../core/schedule/replay-schedule.ts";
import { expressionOf, timingOf } from "../../core/schedule/timing.ts";
import { DEFAULT_TENANT, type TenantId } from "../../core/tenant/tenant-id.ts";
import type { ScheduleTarget } from "../../resources/schedule-group.ts";

/** The scheduler replaces this with the scheduled time, the same one for every attempt. */
const SCHEDULED_TIME = "<aws.scheduler.scheduled-time>";

// No tenant's id holds it.
const SEPARATOR = ".";

/** What the scheduler calls a tenant's schedule: all tenants have theirs in one group. */
export const scheduledName = (tenant: TenantId, name: string): string => `${tenant}${SEPARATOR}${name}`;

/** What the tenant calls it; undefined for a schedule of another. */
export const nameIn = (tenant: TenantId, scheduled: string): string | undefined => {
  const beginning = scheduledName(tenant, "");
  return scheduled.startsWith(beginning) ? scheduled.slice(beginning.length) : undefined;
};

/** The event of a schedule as the scheduler keeps it, JSON. Without a tenant it is the default one's. */
export const inputOf = (
  tenant: TenantId,
  { name, replay }: Pick<NewReplaySchedule, "name" | "replay">,
): string => {
  const whose = tenant === DEFAULT_TENANT ? {} : { tenant };
  const event: ScheduledReplay & { tenant?: TenantId } = {
    schedule: name,
    ...whose,
    scheduledTime: SCHEDULED_TIME,
    replay,
  };
  return JSON.stringify(event);
};

/** A schedule as CreateSchedule and UpdateSchedule take it. */
export const scheduleInput = (
  tenant: TenantId,
  schedule: NewReplaySchedule,
  groupName: string,
  target: ScheduleTarget,
): CreateScheduleCommandInput => ({
  GroupName: groupName,
  Name: scheduledName(tenant, schedule.name),
  ScheduleExpression: expressionOf(schedule.timing),
  ScheduleExpressionTimezone: schedule.timezone,
  ...(schedule.firstRunMs !== undefined && { StartDate: new Date(schedule.firstRunMs) }),
  FlexibleTimeWindow: { Mode: "OFF" },
  // A schedule that is over stays until it is deleted, so that its owner still sees it.
  ActionAfterCompletion: "NONE",
  State: "ENABLED",
  KmsKeyArn: target.keyArn,
  Target: {
    Arn: target.functionArn,
    RoleArn: target.roleArn,
    Input: inputOf(tenant, schedule),
    DeadLetterConfig: { Arn: target.deadLettersArn },
    RetryPolicy: { MaximumEventAgeInSeconds: MAXIMUM_DELAY_SECONDS, MaximumRetryAttempts: 185 },
  },
});

/** Reads back what scheduleInput wrote. */
export const toReplaySchedule = (found: GetScheduleCommandOutput): ReplaySchedule => {
  const timezone = found.ScheduleExpressionTimezone ?? "UTC";
  const timing = timingOf(found.ScheduleExpression ?? "", timezone);
  const { schedule: name, replay } = JSON.parse(found.Target?.Input ?? "{}") as ScheduledReplay;
  const createdAtMs = found.CreationDate?.getTime() ?? 0;
  return {
    name,
    timing,
    timezone,
    // Without a start date a rate runs from its creation on.
    ...("rate" in timing && { firstRunMs: found.StartDate?.getTime() ?? createdAtMs }),
    replay,
    createdAtMs,
    updatedAtMs: found.LastModificationDate?.getTime() ?? createdAtMs,
  };
};
