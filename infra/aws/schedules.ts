import { ArnFormat, Duration, Stack } from "aws-cdk-lib";
import { Grant, PolicyStatement, type Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import {
  type ScheduleTarget,
  scheduleInput,
} from "../../lib/adapters/eventbridge-scheduler/schedule-shape.ts";
import { MAXIMUM_DELAY_SECONDS, type NewReplaySchedule } from "../../lib/core/schedule/replay-schedule.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import type { ScheduleAccess, ScheduleGroupName } from "../../lib/runtime/definition.ts";
import { scheduleVariables } from "../../lib/runtime/definition.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { BacktrackFunction } from "./function.ts";
import { InlineRole } from "./inline-role.ts";
import { physicalName } from "./names.ts";

export interface SchedulesProps {
  readonly name: ScheduleGroupName;
  /** What every schedule of the group starts. */
  readonly target: BacktrackFunction;
  /** Gets the runs that could not be delivered, and those that the target could not take. */
  readonly deadLetters: DeadLetters;
  readonly key: IKey;
}

const SCHEDULE_ACTIONS: Readonly<Record<ScheduleAccess, readonly string[]>> = {
  get: ["scheduler:GetSchedule"],
  list: [],
  write: ["scheduler:CreateSchedule", "scheduler:UpdateSchedule"],
  remove: ["scheduler:DeleteSchedule"],
};
/** The scheduler uses the key in the name of whoever asks. */
const KEY_ACTIONS: Readonly<Record<ScheduleAccess, readonly string[]>> = {
  get: ["kms:Decrypt"],
  list: [],
  write: ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
  remove: [],
};

/** A group of schedules that functions make while the stack runs, and the role by which they start one function. */
export class Schedules extends Construct {
  readonly name: ScheduleGroupName;
  readonly #group: CfnScheduleGroup;
  readonly #role: Role;
  readonly #props: SchedulesProps;

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    const { name, target, deadLetters } = props;
    this.name = name;
    this.#props = props;
    // Deleting the group deletes its schedules, the ones that this template has never seen too.
    this.#group = new CfnScheduleGroup(this, "Group", { name: physicalName(this, name) });
    const { account } = Stack.of(this);
    this.#role = new InlineRole(this, "Role", {
      description: `Backtrack: lets the schedules of ${name} start ${target.definition.name}`,
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": account, "aws:SourceArn": this.#group.attrArn },
        },
      }),
    });
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [target.entry.functionArn] }),
    );
    // With the right to decrypt, which reading a schedule takes too: both are under one key.
    deadLetters.grantSend(this.#role);
    // The scheduler leaves an event with Lambda and is done; from there on Lambda tries again.
    target.entry.configureAsyncInvoke({
      maxEventAge: Duration.seconds(MAXIMUM_DELAY_SECONDS),
      retryAttempts: 2,
      onFailure: deadLetters,
    });
  }

  /** Lets a function do so with the schedules of the group, and names to it what it needs for that. */
  use({ lambda }: BacktrackFunction, access: readonly ScheduleAccess[]): void {
    const variables = scheduleVariables(this.name);
    const grant = (actions: readonly string[], resource: string): void => {
      Grant.addToPrincipal({ grantee: lambda, actions: [...actions], resourceArns: [resource] });
    };
    lambda.addEnvironment(variables.group, this.groupName);
    grant(
      access.flatMap((each) => SCHEDULE_ACTIONS[each]),
      this.#schedulesArn(this.groupName),
    );
    // Listing is granted on all groups or on none.
    if (access.includes("list")) grant(["scheduler:ListSchedules"], this.#schedulesArn("*"));
    const keyActions = [...new Set(access.flatMap((each) => KEY_ACTIONS[each]))];
    if (keyActions.length > 0) this.#props.key.grant(lambda, ...keyActions);
    if (!access.includes("write")) return;
    const { functionArn, roleArn, deadLettersArn, keyArn } = this.#target();
    lambda.addEnvironment(variables.target, functionArn);
    lambda.addEnvironment(variables.role, roleArn);
    lambda.addEnvironment(variables.deadLetters, deadLettersArn);
    lambda.addEnvironment(variables.key, keyArn);
    lambda.addToRolePolicy(
      new PolicyStatement({
        actions: ["iam:PassRole"],
        resources: [roleArn],
        conditions: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
      }),
    );
  }

  /** One that comes with the stack. */
  add(id: string, schedule: NewReplaySchedule): void {
    const { Name, ScheduleExpression, ScheduleExpressionTimezone, KmsKeyArn, Target } = scheduleInput(
      DEFAULT_TENANT,
      schedule,
      this.groupName,
      this.#target(),
    );
    new CfnSchedule(this, id, {
      groupName: this.groupName,
      name: Name,
      scheduleExpression: ScheduleExpression ?? "",
      scheduleExpressionTimezone: ScheduleExpressionTimezone,
      flexibleTimeWindow: { mode: "OFF" },
      kmsKeyArn: KmsKeyArn,
      target: {
        arn: Target?.Arn ?? "",
        roleArn: Target?.RoleArn ?? "",
        input: Target?.Input,
        deadLetterConfig: { arn: Target?.DeadLetterConfig?.Arn },
        retryPolicy: {
          maximumEventAgeInSeconds: Target?.RetryPolicy?.MaximumEventAgeInSeconds,
          maximumRetryAttempts: Target?.RetryPolicy?.MaximumRetryAttempts,
        },
      },
    });
  }

  get groupName(): string {
    return this.#group.ref;
  }

  #target(): ScheduleTarget {
    const { target, deadLetters, key } = this.#props;
    return {
      functionArn: target.entry.functionArn,
      roleArn: this.#role.roleArn,
      deadLettersArn: deadLetters.queue.queueArn,
      keyArn: key.keyArn,
    };
  }

  #schedulesArn(groupName: string): string {
    return Stack.of(this).formatArn({
      service: "scheduler",
      resource: "schedule",
      resourceName: `${groupName}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}
