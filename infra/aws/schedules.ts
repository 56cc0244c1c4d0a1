import { ArnFormat, Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement, type Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { scheduleInput } from "../../lib/adapters/eventbridge-scheduler/schedule-shape.ts";
import { MAXIMUM_DELAY_SECONDS, type NewReplaySchedule } from "../../lib/core/schedule/replay-schedule.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import type { Attributes } from "../../lib/resources/kind.ts";
import type { ScheduleGroupName, ScheduleTarget } from "../../lib/resources/schedule-group.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { BacktrackFunction } from "./function.ts";
import { InlineRole } from "./inline-role.ts";
import { physicalName } from "./names.ts";

export interface SchedulesProps {
  readonly name: ScheduleGroupName;
  /** What every schedule of the group starts. */
  readonly target: BacktrackFunction;
  /** Receives the runs that could not be delivered, and those that the target did not accept. */
  readonly deadLetters: DeadLetters;
  readonly key: IKey;
}

/**
 * A group of schedules that functions create while the stack runs, and the role with which they start one
 * function.
 */
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
    // Deleting the group deletes its schedules, including those that this template has never seen.
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
    // With permission to decrypt, which reading a schedule needs too: both use the same key.
    deadLetters.grantSend(this.#role);
    // The scheduler hands an event to Lambda and is done; from then on Lambda retries.
    target.entry.configureAsyncInvoke({
      maxEventAge: Duration.seconds(MAXIMUM_DELAY_SECONDS),
      retryAttempts: 2,
      onFailure: deadLetters,
    });
  }

  /** With the attributes of lib/resources/schedule-group.ts. */
  get attributes(): Attributes {
    const { functionArn, roleArn, deadLettersArn, keyArn } = this.#target();
    return {
      name: this.groupName,
      schedules: this.#schedulesArn(this.groupName),
      schedulesOfAllGroups: this.#schedulesArn("*"),
      target: functionArn,
      role: roleArn,
      deadLetters: deadLettersArn,
      key: keyArn,
    };
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
