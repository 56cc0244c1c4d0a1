import { describe, expect, test } from "vitest";
import { inputOf } from "../../lib/adapters/eventbridge-scheduler/schedule-shape.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { HIPAA, PRODUCTION, referenceOf, statementsOfRole, synthesize } from "./synthesize.ts";

const replay = { recordingId: "drive-1", deviceId: "van-7", rate: 2 };
const configured = { name: "nightly", cron: "0 3 ? * MON-FRI *", timezone: "Europe/Ljubljana", replay };

describe.each([
  ["dev", {}],
  ["production", PRODUCTION],
  ["hipaa", HIPAA],
])("%s", (_, options) => {
  const deployment = synthesize({ ...options, replaySchedule: JSON.stringify(configured) });
  const { template, resourcesOf } = deployment;
  const only = (type: string) => {
    const found = resourcesOf(type);
    expect(found).toHaveLength(1);
    return found[0] ?? ["", { Type: "", Properties: {} }];
  };

  test("the schedule in cdk.json becomes what PUT would have made of it", () => {
    const [groupId] = only("AWS::Scheduler::ScheduleGroup");
    const { Properties } = only("AWS::Scheduler::Schedule")[1];
    expect(Properties).toMatchObject({
      Name: "default.nightly",
      GroupName: { Ref: groupId },
      ScheduleExpression: "cron(0 3 ? * MON-FRI *)",
      ScheduleExpressionTimezone: "Europe/Ljubljana",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: {
        Input: inputOf(DEFAULT_TENANT, { name: "nightly", replay }),
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 185 },
      },
    });
    expect(template.Resources[referenceOf(Properties.KmsKeyArn) ?? ""]?.Type).toBe("AWS::KMS::Key");
    const { Arn, DeadLetterConfig } = Properties.Target;
    const target = template.Resources[referenceOf(Arn) ?? ""];
    expect(target?.Type).toBe("AWS::Lambda::Function");
    expect(JSON.stringify(target?.Properties)).toMatch(
      /"(StartScheduledReplay\w+|[\w-]+-start-scheduled-replay)"/,
    );
    expect(template.Resources[referenceOf(DeadLetterConfig.Arn) ?? ""]?.Type).toBe("AWS::SQS::Queue");
  });

  test("only the group's schedules can assume its role, which starts one function", () => {
    const [groupId] = only("AWS::Scheduler::ScheduleGroup");
    const [roleId, role] =
      resourcesOf("AWS::IAM::Role").find(([id]) => id.startsWith("ReplaysSchedules")) ?? [];
    expect(role?.Properties.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: "scheduler.amazonaws.com" },
        Condition: {
          StringEquals: {
            "aws:SourceAccount": { Ref: "AWS::AccountId" },
            "aws:SourceArn": { "Fn::GetAtt": [groupId, "Arn"] },
          },
        },
      },
    ]);
    const statements = statementsOfRole(deployment, roleId);
    expect(statements.map(({ Action }) => Action)).toEqual([
      "lambda:InvokeFunction",
      "sqs:SendMessage",
      ["kms:Decrypt", "kms:GenerateDataKey"],
    ]);
    expect(template.Resources[referenceOf(statements[0].Resource) ?? ""]?.Type).toBe("AWS::Lambda::Function");
  });

  test("a run that the function could not accept waits in a queue that requires TLS, and raises an alarm", () => {
    const [queueId, queue] = only("AWS::SQS::Queue");
    expect(queue.Properties.MessageRetentionPeriod).toBe(14 * 86_400);
    expect(queue.Properties.KmsMasterKeyId).toBeDefined();
    expect(JSON.stringify(only("AWS::SQS::QueuePolicy")[1].Properties)).toContain("aws:SecureTransport");
    const configs = resourcesOf("AWS::Lambda::EventInvokeConfig").map(([, config]) => config);
    const { Properties = {} } =
      configs.find((config) => JSON.stringify(config).includes("StartScheduled")) ?? {};
    expect(Properties).toMatchObject({ MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 2 });
    expect(referenceOf(Properties.DestinationConfig.OnFailure.Destination)).toBe(queueId);
    const alarms = resourcesOf("AWS::CloudWatch::Alarm").map(([, alarm]) => alarm.Properties);
    expect(
      alarms.find(({ MetricName }) => MetricName === "ApproximateNumberOfMessagesVisible"),
    ).toMatchObject({
      Threshold: 1,
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [queueId, "QueueName"] } }],
    });
  });
});

test("without a schedule in cdk.json there is only the group", () => {
  const { resourcesOf } = synthesize();
  expect(resourcesOf("AWS::Scheduler::ScheduleGroup")[0]?.[1].Properties.Name).toBe("backtrack-dev-replays");
  expect(resourcesOf("AWS::Scheduler::Schedule")).toEqual([]);
});

test.each([
  ["{", /it is not JSON/],
  [JSON.stringify({ ...configured, name: "a b" }), /name must be 1 to 39 of/],
  [JSON.stringify({ ...configured, cron: "0 3 * * *" }), /cron must have six fields/],
  [JSON.stringify({ ...configured, rate: "5 minutes" }), /cron must not be given together with rate/],
  [JSON.stringify({ ...configured, timezone: "Mars/Olympus" }), /timezone must be a time zone/],
  [JSON.stringify({ ...configured, replay: { rate: 1 } }), /recordingId is missing/],
  [
    JSON.stringify({ ...configured, replay: { recordingId: "r", speed: 1 } }),
    /replay\.speed is not a field here/,
  ],
])("%s is refused with a reason", (replaySchedule, message) => {
  expect(() => synthesize({ replaySchedule })).toThrow(message);
});
