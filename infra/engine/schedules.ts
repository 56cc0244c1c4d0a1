import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Invoke } from "../../engines/functions/invoke-function.ts";
import type { Sharing } from "../../engines/lease/one-at-a-time.ts";
import { dynamodbScheduleStore } from "../../engines/scheduler/dynamodb-schedule-store.ts";
import { type Scheduler, startScheduler } from "../../engines/scheduler/server.ts";
import { ACCOUNT, REGION } from "../../hosts/lambda-events/stand-ins.ts";
import { sleep } from "../../lib/adapters/sleep.ts";
import { SCHEDULE_GROUPS } from "../../lib/resources/schedule-group.ts";
import { scheduleGroupName } from "./names.ts";

/** The scheduler's own table; no function reads it. */
export const SCHEDULES_TABLE_NAME = "schedules";

export interface SchedulesOptions {
  readonly port: number;
  readonly accessKeyId: string;
  readonly dynamodb: DynamoDBClient;
  readonly sharing: Sharing;
  readonly invoke: Invoke;
  readonly say: (line: string) => void;
}

/** Serves the groups of schedules, and calls functions when they are due. */
export const startSchedules = ({
  port,
  accessKeyId,
  dynamodb,
  sharing,
  invoke,
  say,
}: SchedulesOptions): Promise<Scheduler> =>
  startScheduler({
    port,
    accessKeyId,
    region: REGION,
    account: ACCOUNT,
    groups: SCHEDULE_GROUPS.map(scheduleGroupName),
    store: dynamodbScheduleStore(dynamodb, SCHEDULES_TABLE_NAME),
    sharing,
    invoke,
    clock: Date.now,
    sleep,
    onError: (message, error) => say(`${message}: ${error}`),
  });
