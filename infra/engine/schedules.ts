import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Invoke } from "../../engines/functions/invoke-function.ts";
import type { Sharing } from "../../engines/lease/one-at-a-time.ts";
import { dynamodbScheduleStore } from "../../engines/scheduler/dynamodb-schedule-store.ts";
import type { SchedulingOptions } from "../../engines/scheduler/scheduler.ts";
import { type Scheduler, startScheduler } from "../../engines/scheduler/server.ts";
import { ACCOUNT, REGION } from "../../hosts/lambda-events/stand-ins.ts";
import { sleep } from "../../lib/adapters/sleep.ts";
import { SCHEDULE_GROUPS } from "../../lib/resources/schedule-group.ts";
import { scheduleGroupName } from "./names.ts";
import { engineTableName } from "./tables.ts";

export interface SchedulesOptions {
  readonly dynamodb: DynamoDBClient;
  /** Before the name of every table; none by default. */
  readonly tablePrefix?: string;
  readonly sharing: Sharing;
  readonly invoke: Invoke;
  readonly say: (line: string) => void;
  /** How long deliveries in flight may take to end when the engine closes; none by default. */
  readonly graceMilliseconds?: number;
}

/** What keeps the groups of schedules, and calls functions when they are due. */
export const schedulingOptions = ({
  dynamodb,
  tablePrefix,
  sharing,
  invoke,
  say,
  graceMilliseconds,
}: SchedulesOptions): SchedulingOptions => ({
  region: REGION,
  account: ACCOUNT,
  groups: SCHEDULE_GROUPS.map(scheduleGroupName),
  store: dynamodbScheduleStore(dynamodb, engineTableName("schedules", tablePrefix)),
  sharing,
  ...(graceMilliseconds !== undefined && { graceMilliseconds }),
  invoke,
  clock: Date.now,
  sleep,
  onError: (message, error) => say(`${message}: ${error}`),
});

/** Delivers schedules, and serves their API on 127.0.0.1. */
export const startSchedules = ({
  port,
  accessKeyId,
  ...options
}: SchedulesOptions & { readonly port: number; readonly accessKeyId: string }): Promise<Scheduler> =>
  startScheduler({ ...schedulingOptions(options), port, accessKeyId });
