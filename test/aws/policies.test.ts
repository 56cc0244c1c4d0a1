import { describe, expect, test } from "vitest";
import { type Ask, type Decision, evaluatePolicy, type Statement } from "./evaluate-policy.ts";
import { ACCOUNT, REGION, resolverOf } from "./resolve.ts";
import {
  HIPAA,
  PRODUCTION,
  referenceOf,
  type Synthesized,
  statementsOfRole,
  synthesize,
} from "./synthesize.ts";

/*
 * What AWS's services write, and where: for each, the policies of its destination, of that destination's key,
 * and of the role it assumes, decided as IAM decides.
 */

const DEPLOYMENTS: [string, Synthesized][] = [
  ["dev", synthesize()],
  ["dev, hipaa, with an e-mail address", synthesize({ compliance: "hipaa", alarmEmail: "a@example.com" })],
  ["production", synthesize(PRODUCTION)],
  ["production, hipaa", synthesize(HIPAA)],
];

/** What every request from a service has. */
const TLS = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3", "aws:SourceAccount": ACCOUNT };

const worldOf = (deployment: Synthesized) => {
  const { template, resourcesOf } = deployment;
  const resolve = resolverOf(deployment);
  const statementsIn = (document: unknown): Statement[] =>
    (resolve(document) as { Statement: Statement[] } | undefined)?.Statement ?? [];
  const policiesAt = (type: string, refersTo: (properties: Record<string, unknown>) => unknown, id: string) =>
    resourcesOf(type)
      .filter(([, { Properties }]) => JSON.stringify(refersTo(Properties)).includes(`"${id}"`))
      .flatMap(([, { Properties }]) => statementsIn(Properties.PolicyDocument));

  const keyPolicy = (id: string) => statementsIn(template.Resources[id]?.Properties.KeyPolicy);
  const ofTopic = (id: string) => policiesAt("AWS::SNS::TopicPolicy", ({ Topics }) => Topics, id);
  const ofQueue = (id: string) => policiesAt("AWS::SQS::QueuePolicy", ({ Queues }) => Queues, id);
  const ofBucket = (id: string) => policiesAt("AWS::S3::BucketPolicy", ({ Bucket }) => Bucket, id);
  const ofRole = (id: string) => resolve(statementsOfRole(deployment, id)) as Statement[];

  /** A service that acts in its own name. */
  const service = (name: string, context: Record<string, string>, policy: readonly Statement[]) => ({
    may: (action: string, resource: string, more: Record<string, string> = {}): Decision =>
      evaluatePolicy(policy, {
        principal: { Service: name },
        action,
        resource,
        context: { ...TLS, ...context, ...more },
      }),
  });
  /**
   * A service with one of our roles: the role's policy must allow it, the resource's must not deny it, and a
   * key's must let the account decide.
   */
  const role = (id: string) => ({
    may: (action: string, resource: string, policy: readonly Statement[] = []): Decision => {
      const ask: Ask = { principal: { AWS: resolve.arnOf(id) }, action, resource, context: TLS };
      const own = evaluatePolicy(ofRole(id), ask);
      const others = evaluatePolicy(policy, ask);
      if (own === "denied" || others === "denied") return "denied";
      if (action.startsWith("kms:") && others !== "allowed") return "not allowed";
      return own;
    },
  });
  const lambdaOf = (entry: unknown): string => {
    const id = referenceOf(entry) ?? "";
    const { Type, Properties } = template.Resources[id] ?? {};
    return Type === "AWS::Lambda::Alias" ? (referenceOf(Properties.FunctionName) ?? "") : id;
  };
  const roleOf = (entry: unknown): string =>
    referenceOf(template.Resources[lambdaOf(entry)]?.Properties.Role) ?? "";
  return { resolve, keyPolicy, ofTopic, ofQueue, ofBucket, service, role, lambdaOf, roleOf, ...deployment };
};

describe.each(DEPLOYMENTS)("finding 18: %s", (_, deployment) => {
  const world = worldOf(deployment);
  const { template, resourcesOf, resolve, service, role, keyPolicy } = world;
  const alarms = resourcesOf("AWS::CloudWatch::Alarm");
  const [topicId = "", topic] = resourcesOf("AWS::SNS::Topic")[0] ?? [];
  const topicKey = referenceOf(topic?.Properties.KmsMasterKeyId) ?? "";

  /** CloudWatch, for an alarm, at the topic and at the topic's key. */
  const publish = (
    alarmArn: string,
    more: Record<string, string> = {},
    name = "cloudwatch.amazonaws.com",
  ) => {
    const context = { "aws:SourceArn": alarmArn, ...more };
    const atKey = service(name, context, keyPolicy(topicKey));
    return [
      service(name, context, world.ofTopic(topicId)).may("sns:Publish", resolve.arnOf(topicId)),
      ...["kms:Decrypt", "kms:GenerateDataKey"].map((action) =>
        atKey.may(action, resolve.arnOf(topicKey), {
          "kms:EncryptionContext:aws:sns:topicArn": resolve.arnOf(topicId),
        }),
      ),
    ];
  };
  const anAlarm = resolve.arnOf(alarms[0]?.[0] ?? "");

  test("every alarm's action is allowed: topic and key admit CloudWatch, for this alarm", () => {
    expect(alarms.length).toBeGreaterThan(10);
    for (const [id, { Properties }] of alarms) {
      const actions = ["AlarmActions", "OKActions", "InsufficientDataActions"].flatMap(
        (kind) => (resolve(Properties[kind]) as string[] | undefined) ?? [],
      );
      expect(actions.length, id).toBeGreaterThan(0);
      for (const action of actions) {
        expect(action).toBe(resolve.arnOf(topicId));
        expect(publish(resolve.arnOf(id)), id).toEqual(["allowed", "allowed", "allowed"]);
      }
    }
  });

  test("other accounts' alarms, other services and requests without TLS can't publish", () => {
    const stranger = anAlarm.replace(ACCOUNT, "999999999999");
    for (const refused of [
      publish(stranger, { "aws:SourceAccount": "999999999999" }),
      publish(stranger),
      publish(anAlarm.replace(/alarm:.*/, "alarm:payroll")),
      publish(anAlarm, {}, "events.amazonaws.com"),
      publish(""),
    ]) {
      expect(refused).toEqual(["not allowed", "not allowed", "not allowed"]);
    }
    expect(publish(anAlarm, { "aws:SecureTransport": "false" })[0]).toBe("denied");
  });

  test("EventBridge can start a rule's function, and put events that it did not accept into the queue", () => {
    for (const [ruleId, { Properties }] of resourcesOf("AWS::Events::Rule")) {
      const rule = { "aws:SourceArn": resolve.arnOf(ruleId) };
      for (const { Arn, DeadLetterConfig } of Properties.Targets) {
        const permission = resourcesOf("AWS::Lambda::Permission").find(
          ([
            ,
            {
              Properties: { Principal, FunctionName, SourceArn },
            },
          ]) =>
            Principal === "events.amazonaws.com" &&
            world.lambdaOf(FunctionName) === world.lambdaOf(Arn) &&
            resolve(SourceArn) === rule["aws:SourceArn"],
        );
        expect(permission).toBeDefined();
        const queueId = referenceOf(DeadLetterConfig.Arn) ?? "";
        const queue = resolve.arnOf(queueId);
        const events = "events.amazonaws.com";
        expect(service(events, rule, world.ofQueue(queueId)).may("sqs:SendMessage", queue)).toBe("allowed");
        const keyId = referenceOf(template.Resources[queueId]?.Properties.KmsMasterKeyId) ?? "";
        // Without aws:SourceAccount and aws:SourceArn, which AWS's guides don't promise here.
        for (const action of ["kms:Decrypt", "kms:GenerateDataKey"]) {
          const may = (arn: string) =>
            evaluatePolicy(keyPolicy(keyId), {
              principal: { Service: events },
              action,
              resource: resolve.arnOf(keyId),
              context: { "kms:EncryptionContext:aws:sqs:arn": arn },
            });
          expect(may(queue), action).toBe("allowed");
          expect(may(queue.replace(ACCOUNT, "999999999999")), action).toBe("not allowed");
        }
      }
    }
  });

  /** Whether a role can write something encrypted to a destination's ARN. */
  const mayLeave = (roleId: string, destinationId: string): Decision[] => {
    const { Type = "", Properties } = template.Resources[destinationId] ?? {};
    const isQueue = Type === "AWS::SQS::Queue";
    const arn = resolve.arnOf(destinationId);
    const keyId = isQueue
      ? referenceOf(Properties.KmsMasterKeyId)
      : referenceOf(
          Properties.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault
            .KMSMasterKeyID,
        );
    const key = resolve.arnOf(keyId ?? "");
    const keys = ["kms:GenerateDataKey", "kms:Decrypt"].map((action) =>
      role(roleId).may(action, key, keyPolicy(keyId ?? "")),
    );
    if (isQueue) return [role(roleId).may("sqs:SendMessage", arn, world.ofQueue(destinationId)), ...keys];
    const policy = world.ofBucket(destinationId);
    const object = `${arn}/aws/lambda/${"0f0e"}/shardId-000000000000/2026/11/21/record.json`;
    return [
      role(roleId).may("s3:PutObject", object, policy),
      role(roleId).may("s3:ListBucket", arn, policy),
      ...keys,
    ];
  };

  test("records that a stream's consumer gave up can be written to its destination", () => {
    const mappings = resourcesOf("AWS::Lambda::EventSourceMapping");
    expect(mappings.length).toBeGreaterThan(0);
    for (const [id, { Properties }] of mappings) {
      // An alias's name is `<function>:live`.
      const [name] = String(resolve(Properties.FunctionName)).split(":");
      const [lambdaId] =
        resourcesOf("AWS::Lambda::Function").find(([each]) => resolve.nameOf(each) === name) ?? [];
      const roleId = world.roleOf({ Ref: lambdaId });
      const destination = referenceOf(Properties.DestinationConfig.OnFailure.Destination) ?? "";
      expect(new Set(mayLeave(roleId, destination)), id).toEqual(new Set(["allowed"]));
    }
  });

  test("events that an asynchronous function could not process can be written to its destination", () => {
    const configs = resourcesOf("AWS::Lambda::EventInvokeConfig");
    expect(configs.length).toBeGreaterThan(0);
    for (const [id, { Properties }] of configs) {
      const destination = referenceOf(Properties.DestinationConfig.OnFailure.Destination) ?? "";
      const roleId = world.roleOf(Properties.FunctionName);
      expect(new Set(mayLeave(roleId, destination)), id).toEqual(new Set(["allowed"]));
    }
  });

  test("the scheduler can assume its role, only for the group, and with it start the function or put the run into the queue", () => {
    const [roleId = "", schedules] =
      resourcesOf("AWS::IAM::Role").find(([, { Properties }]) =>
        JSON.stringify(Properties.AssumeRolePolicyDocument).includes("scheduler.amazonaws.com"),
      ) ?? [];
    const [groupId = ""] = resourcesOf("AWS::Scheduler::ScheduleGroup")[0] ?? [];
    const trust = (resolve(schedules?.Properties.AssumeRolePolicyDocument) as { Statement: Statement[] })
      .Statement;
    const take = (group: string) =>
      service("scheduler.amazonaws.com", { "aws:SourceArn": group }, trust).may("sts:AssumeRole", "");
    expect(take(resolve.arnOf(groupId))).toBe("allowed");
    expect(take(`${resolve.arnOf(groupId)}-2`)).toBe("not allowed");
    const target = resourcesOf("AWS::Lambda::Function").find(([, { Properties }]) =>
      Properties.FunctionName.endsWith("start-scheduled-replay"),
    );
    const alias = resourcesOf("AWS::Lambda::Alias").find(
      ([, { Properties }]) => referenceOf(Properties.FunctionName) === target?.[0],
    );
    const entry = resolve.arnOf(alias?.[0] ?? target?.[0] ?? "");
    expect(role(roleId).may("lambda:InvokeFunction", entry)).toBe("allowed");
    for (const [queueId] of resourcesOf("AWS::SQS::Queue")) {
      expect(new Set(mayLeave(roleId, queueId))).toEqual(new Set(["allowed"]));
    }
  });

  test("CloudWatch Logs can use the key for every log group, and for no other account's", () => {
    for (const [id, { Properties }] of resourcesOf("AWS::Logs::LogGroup")) {
      const keyId = referenceOf(Properties.KmsKeyId) ?? "";
      const logs = service(`logs.${REGION}.amazonaws.com`, {}, keyPolicy(keyId));
      for (const action of ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]) {
        const may = (account: string) =>
          logs.may(action, resolve.arnOf(keyId), {
            "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${REGION}:${account}:log-group:${resolve.nameOf(id)}`,
          });
        expect(may(ACCOUNT), id).toBe("allowed");
        expect(may("999999999999"), id).toBe("not allowed");
      }
    }
  });

  test("S3 can write its access logs, only for this account's buckets", () => {
    for (const [id, { Properties }] of resourcesOf("AWS::S3::Bucket")) {
      const { DestinationBucketName, LogFilePrefix } = Properties.LoggingConfiguration ?? {};
      if (!DestinationBucketName) continue;
      const logsId = referenceOf(DestinationBucketName) ?? "";
      const may = (context: Record<string, string>) =>
        service("logging.s3.amazonaws.com", context, world.ofBucket(logsId)).may(
          "s3:PutObject",
          `${resolve.arnOf(logsId)}/${LogFilePrefix}2026-11-21-00-00-00-ABC`,
        );
      expect(may({ "aws:SourceArn": resolve.arnOf(id) }), id).toBe("allowed");
      expect(may({ "aws:SourceArn": "arn:aws:s3:::someone-elses" }), id).toBe("not allowed");
    }
  });

  test("API Gateway can call every route's function, by a role that may call no other", () => {
    const integrations = resourcesOf("AWS::ApiGatewayV2::Integration");
    const [roleId = "", ...others] = new Set(
      integrations.map(([, { Properties }]) => referenceOf(Properties.CredentialsArn) ?? ""),
    );
    expect(others).toEqual([]);
    const { Statement: trust } = resolve(template.Resources[roleId]?.Properties.AssumeRolePolicyDocument) as {
      Statement: Statement[];
    };
    const take = (name: string) => service(name, {}, trust).may("sts:AssumeRole", "");
    expect([take("apigateway.amazonaws.com"), take("lambda.amazonaws.com")]).toEqual([
      "allowed",
      "not allowed",
    ]);
    const routed = new Set<string>();
    for (const [id, { Properties }] of integrations) {
      const called = String(resolve(Properties.IntegrationUri));
      expect(role(roleId).may("lambda:InvokeFunction", called), id).toBe("allowed");
      expect(role(roleId).may("lambda:UpdateFunctionCode", called), id).toBe("not allowed");
      routed.add(world.lambdaOf(Properties.IntegrationUri));
    }
    const unrouted = resourcesOf("AWS::Lambda::Function").filter(([id]) => !routed.has(id));
    expect(unrouted.length).toBeGreaterThan(5);
    for (const [id] of unrouted) {
      const arn = resolve.arnOf(id);
      for (const each of [arn, `${arn}:live`]) {
        expect(role(roleId).may("lambda:InvokeFunction", each), id).toBe("not allowed");
      }
    }
    // A permission of the function itself would let the gateway in without the role.
    expect(JSON.stringify(resourcesOf("AWS::Lambda::Permission"))).not.toContain("apigateway");
  });

  test("the policy of every role has room to grow: IAM takes 10,240 characters in one role", () => {
    for (const [id] of resourcesOf("AWS::IAM::Role")) {
      const length = JSON.stringify(resolve(statementsOfRole(deployment, id))).length;
      expect(length, id).toBeLessThan(10_240 * 0.8);
    }
    expect(resourcesOf("AWS::IAM::Policy")).toEqual([]);
  });

  test("finding 22: log delivery can decrypt only this account's logs of encrypted workflows", () => {
    const encrypted = resourcesOf("AWS::StepFunctions::StateMachine").filter(
      ([, { Properties }]) => Properties.EncryptionConfiguration,
    );
    const keyId = topicKey;
    const may = (sourceArn?: string) =>
      service("delivery.logs.amazonaws.com", {}, keyPolicy(keyId)).may("kms:Decrypt", resolve.arnOf(keyId), {
        ...(sourceArn && { "kms:EncryptionContext:SourceArn": sourceArn }),
      });
    expect(may(`arn:aws:logs:${REGION}:${ACCOUNT}:*`)).toBe(encrypted.length > 0 ? "allowed" : "not allowed");
    expect(may(`arn:aws:logs:${REGION}:999999999999:*`)).toBe("not allowed");
    expect(may()).toBe("not allowed");
    for (const [id, { Properties }] of encrypted) {
      // The role encrypts for the state machine and for the logs.
      const own = JSON.stringify(resolve(statementsOfRole(deployment, referenceOf(Properties.RoleArn))));
      expect(own, id).toContain(`"kms:EncryptionContext:SourceArn":"arn:aws:logs:${REGION}:${ACCOUNT}:*"`);
    }
  });
});

test("finding 18: the evaluation refuses what it does not know, and distinguishes a Deny from no match", () => {
  const ask: Ask = { principal: { Service: "a" }, action: "sns:Publish", resource: "r", context: {} };
  const allow: Statement = { Effect: "Allow", Action: "sns:*", Resource: "*", Principal: { Service: "a" } };
  expect(evaluatePolicy([allow], ask)).toBe("allowed");
  expect(evaluatePolicy([{ ...allow, Action: "SNS:publish" }], ask)).toBe("allowed");
  expect(evaluatePolicy([allow, { ...allow, Effect: "Deny" }], ask)).toBe("denied");
  expect(evaluatePolicy([{ ...allow, Resource: "q" }], ask)).toBe("not allowed");
  expect(evaluatePolicy([{ ...allow, Condition: { StringEquals: { k: "v" } } }], ask)).toBe("not allowed");
  expect(() => evaluatePolicy([{ ...allow, Condition: { Null: { k: "true" } } }], ask)).toThrow(/Null/);
  expect(() => evaluatePolicy([{ ...allow, NotAction: "x" } as Statement], ask)).toThrow(/NotAction/);
});
