import { defineKind, type Permission, screaming } from "./kind.ts";

/** Schedules that start one function; a group in EventBridge Scheduler. */
const DECLARED = ["replays"] as const;

export type ScheduleGroupName = (typeof DECLARED)[number];
export const SCHEDULE_GROUPS: readonly ScheduleGroupName[] = DECLARED;

/** What a function does with schedules. To write one is to pass it what to start, and the right to. */
export type ScheduleAccess = "get" | "list" | "write" | "remove";

/** What every new schedule of a group needs, as ARNs. */
export interface ScheduleTarget {
  /** The function that it starts. */
  readonly functionArn: string;
  /** The role with which it does. */
  readonly roleArn: string;
  /** The queue for what could not be delivered. */
  readonly deadLettersArn: string;
  /** The key that encrypts it. */
  readonly keyArn: string;
}

export interface UsesScheduleGroups {
  /**
   * Granted, and named to the function as `<NAME>_SCHEDULE_GROUP`; a function that writes also gets
   * scheduleVariables.
   */
  readonly schedules?: Readonly<Partial<Record<ScheduleGroupName, readonly ScheduleAccess[]>>>;
}

type WrittenGroupOf<Schedules> = {
  readonly [Group in keyof Schedules]-?: NonNullable<Schedules[Group]> extends readonly (infer Access)[]
    ? "write" extends Access
      ? Group
      : never
    : never;
}[keyof Schedules];

export interface ScheduleGroupEnvironment<D extends UsesScheduleGroups> {
  readonly scheduleGroup: (name: keyof NonNullable<D["schedules"]>) => string;
  /** For functions that write schedules. */
  readonly scheduleTarget: (name: WrittenGroupOf<NonNullable<D["schedules"]>>) => ScheduleTarget;
}

/**
 * The variables that describe a group of schedules to a function: for `replays`, `REPLAYS_SCHEDULE_GROUP` and
 * so on.
 */
export const scheduleVariables = (group: ScheduleGroupName) => {
  const prefix = `${screaming(group)}_SCHEDULE`;
  return {
    group: `${prefix}_GROUP`,
    target: `${prefix}_TARGET_ARN`,
    role: `${prefix}_ROLE_ARN`,
    deadLetters: `${prefix}_DEAD_LETTERS_ARN`,
    key: `${prefix}_KEY_ARN`,
  };
};

/** The scheduler uses the key on behalf of the caller. */
const PERMISSIONS: Readonly<Record<ScheduleAccess, readonly Permission[]>> = {
  get: [
    { actions: ["scheduler:GetSchedule"], on: "schedules" },
    { actions: ["kms:Decrypt"], on: "key" },
  ],
  // It can be granted for all groups or for none.
  list: [{ actions: ["scheduler:ListSchedules"], on: "schedulesOfAllGroups" }],
  write: [
    { actions: ["scheduler:CreateSchedule", "scheduler:UpdateSchedule"], on: "schedules" },
    { actions: ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"], on: "key" },
    {
      actions: ["iam:PassRole"],
      on: "role",
      conditions: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
    },
  ],
  remove: [{ actions: ["scheduler:DeleteSchedule"], on: "schedules" }],
};

export const scheduleGroupKind = defineKind({
  name: "scheduleGroup",
  uses: ({ schedules = {} }: UsesScheduleGroups) =>
    Object.entries(schedules) as [ScheduleGroupName, readonly ScheduleAccess[]][],
  variables: (name, access): Record<string, string> => {
    const { group, target, role, deadLetters, key } = scheduleVariables(name);
    if (!access.includes("write")) return { [group]: "name" };
    return {
      [group]: "name",
      [target]: "target",
      [role]: "role",
      [deadLetters]: "deadLetters",
      [key]: "key",
    };
  },
  permissions: (_, access) => access.flatMap((each) => PERMISSIONS[each]),
  // Nobody checks roles, queues and keys in the local stack.
  local: (name, { arn, functionStartedBy }) => ({
    name,
    target: arn("lambda", `function:${functionStartedBy(name)}`),
    role: "arn:aws:iam::000000000000:role/local",
    deadLetters: arn("sqs", `${name}-dead-letters`),
    key: arn("kms", "key/local"),
  }),
  read: (variable): ScheduleGroupEnvironment<UsesScheduleGroups> => ({
    scheduleGroup: (name) => variable(scheduleVariables(name).group),
    scheduleTarget: (name) => {
      const { target, role, deadLetters, key } = scheduleVariables(name);
      return {
        functionArn: variable(target),
        roleArn: variable(role),
        deadLettersArn: variable(deadLetters),
        keyArn: variable(key),
      };
    },
  }),
});
