import { describe, expect, test } from "vitest";
import { HIPAA, PRODUCTION, referenceOf, synthesize, type TemplateResource } from "./synthesize.ts";

describe.each([
  ["dev", {}],
  ["production", PRODUCTION],
  ["hipaa", HIPAA],
])("%s", (_, options) => {
  const { template, resourcesOf } = synthesize(options);
  const [bucketId, bucket] = resourcesOf("AWS::S3::Bucket").find(([id]) =>
    id.startsWith("RecordingsBucket"),
  ) ?? ["", {} as TemplateResource];
  const [, rule] = resourcesOf("AWS::Events::Rule")[0] ?? ["", {} as TemplateResource];

  test("the bucket is private, versioned, encrypted with the customer's key, reachable only with TLS, and logged", () => {
    expect(bucket.Properties).toMatchObject({
      VersioningConfiguration: { Status: "Enabled" },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } },
        ],
      },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      LoggingConfiguration: { LogFilePrefix: expect.any(String) },
    });
    expect(bucket.DeletionPolicy).toBe("Retain");
    const policies = resourcesOf("AWS::S3::BucketPolicy").filter(
      ([, { Properties }]) => referenceOf(Properties.Bucket) === bucketId,
    );
    expect(JSON.stringify(policies)).toContain("aws:SecureTransport");
  });

  test("a new object starts the function that names the bucket, and undelivered events wait in the queue", () => {
    expect(resourcesOf("AWS::Events::Rule")).toHaveLength(1);
    expect(rule.Properties.EventPattern).toEqual({
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: { bucket: { name: [{ Ref: bucketId }] } },
    });
    const [target] = rule.Properties.Targets;
    expect(rule.Properties.Targets).toHaveLength(1);
    const started = template.Resources[referenceOf(target.Arn) ?? ""];
    expect(started?.Type).toBe("AWS::Lambda::Function");
    expect(JSON.stringify(started?.Properties)).toMatch(/"(StartImport\w+|[\w-]+-start-import)"/);
    expect(target.Input ?? target.InputPath ?? target.InputTransformer).toBeUndefined();
    expect(template.Resources[referenceOf(target.DeadLetterConfig.Arn) ?? ""]?.Type).toBe("AWS::SQS::Queue");
    const configs = resourcesOf("AWS::Lambda::EventInvokeConfig").map(([, { Properties }]) => Properties);
    expect(configs.find((config) => JSON.stringify(config).includes("StartImport"))).toMatchObject({
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: expect.anything() } },
    });
  });

  test("EventBridge can call the function for this rule, and put events into the encrypted queue", () => {
    const permissions = resourcesOf("AWS::Lambda::Permission").filter(
      ([, { Properties }]) => Properties.Principal === "events.amazonaws.com",
    );
    expect(permissions).toHaveLength(1);
    expect(permissions[0]?.[1].Properties.SourceArn).toBeDefined();
    const [, policy] = resourcesOf("AWS::SQS::QueuePolicy")[0] ?? ["", {} as TemplateResource];
    expect(JSON.stringify(policy.Properties)).toContain("events.amazonaws.com");
    const [, key] = resourcesOf("AWS::KMS::Key")[0] ?? ["", {} as TemplateResource];
    expect(JSON.stringify(key.Properties.KeyPolicy)).toContain("events.amazonaws.com");
  });
});
