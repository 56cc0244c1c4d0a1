/**
 * What CreateSchedule and UpdateSchedule decide of a schedule, as it travels: dates are seconds since 1970.
 */
export interface ScheduleSettings {
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly StartDate?: number;
  readonly EndDate?: number;
  readonly State?: "ENABLED" | "DISABLED";
  readonly ActionAfterCompletion?: "NONE" | "DELETE";
  readonly FlexibleTimeWindow: { readonly Mode: string };
  readonly Description?: string;
  readonly KmsKeyArn?: string;
  readonly Target: TargetSettings;
}

/** What a schedule calls, as AWS writes it. */
export interface TargetSettings {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RetryPolicy?: {
    readonly MaximumEventAgeInSeconds?: number;
    readonly MaximumRetryAttempts?: number;
  };
}

/** All that is kept of a schedule. */
export interface ScheduleRecord {
  readonly groupName: string;
  readonly name: string;
  /** Another one with each change. */
  readonly revision: string;
  readonly settings: ScheduleSettings;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** The run that comes next, or that is being delivered; absent when no more come. */
  readonly dueMs?: number;
}

/**
 * Keeps schedules for all processes that serve or run them. A change holds only if the schedule is still as
 * it was seen.
 */
export interface ScheduleStore {
  /** Every schedule, consistent, in no order. */
  list(): Promise<readonly ScheduleRecord[]>;
  get(groupName: string, name: string): Promise<ScheduleRecord | undefined>;
  /** In place of what was seen, or as a new one; false when somebody else was quicker. */
  save(record: ScheduleRecord, seen: ScheduleRecord | undefined): Promise<boolean>;
  /** False when it has changed since it was seen. */
  remove(seen: ScheduleRecord): Promise<boolean>;
}
