import { describe, expect, test } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import { STREAMS } from "../../lib/resources/stream.ts";
import { TABLES } from "../../lib/resources/table.ts";
import { WORKFLOWS } from "../../lib/resources/workflow.ts";
import { HIPAA, PRODUCTION, referenceOf, type Synthesized, synthesize } from "./synthesize.ts";

const dev = synthesize();
const production = synthesize(PRODUCTION);
const hipaa = synthesize(HIPAA);

const propertiesOf = ({ resourcesOf }: Synthesized, type: string) =>
  resourcesOf(type).map(([, { Properties }]) => Properties);

const isUnderOwnKey = ({ template }: Synthesized, value: unknown): boolean =>
  template.Resources[referenceOf(value) ?? ""]?.Type === "AWS::KMS::Key";

const alarmNames = (deployment: Synthesized): string[] =>
  propertiesOf(deployment, "AWS::CloudWatch::Alarm").map(({ AlarmName }) => AlarmName);

const EVERY_STAGE: [string, Synthesized][] = [
  ["dev", dev],
  ["production", production],
  ["hipaa", hipaa],
];

describe.each(EVERY_STAGE)("%s", (_, deployment) => {
  test("the tables are those of lib/resources/, with their keys, expiry and recovery", () => {
    const tables = deployment.resourcesOf("AWS::DynamoDB::Table");
    expect(tables).toHaveLength(Object.keys(TABLES).length);
    for (const [name, { partitionKey, sortKey, timeToLive }] of Object.entries(TABLES)) {
      const [, table] = tables.find(([id]) => id.toLowerCase().startsWith(`storage${name}table`)) ?? [];
      const keys = [partitionKey, sortKey].flatMap((key) => key ?? []);
      expect(table?.Properties, name).toMatchObject({
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: keys.map((key, index) => ({
          AttributeName: key.name,
          KeyType: index === 0 ? "HASH" : "RANGE",
        })),
        AttributeDefinitions: keys.map((key) => ({ AttributeName: key.name, AttributeType: key.type })),
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
      expect(table?.Properties.TimeToLiveSpecification?.AttributeName, name).toBe(timeToLive);
    }
  });

  test("the streams have their retention, encrypted with the customer's key", () => {
    const streams = propertiesOf(deployment, "AWS::Kinesis::Stream");
    expect(streams.map(({ RetentionPeriodHours }) => RetentionPeriodHours)).toEqual(
      Object.values(STREAMS).map(({ retentionHours }) => retentionHours),
    );
    for (const { StreamEncryption } of streams) {
      expect(isUnderOwnKey(deployment, StreamEncryption.KeyId)).toBe(true);
    }
  });

  test("every log has a retention, and the customer's key encrypts it", () => {
    const logs = propertiesOf(deployment, "AWS::Logs::LogGroup");
    expect(logs).toHaveLength(MANIFEST.length + WORKFLOWS.length + (deployment === hipaa ? 1 : 0));
    for (const { RetentionInDays, KmsKeyId } of logs) {
      expect(RetentionInDays).toBeGreaterThan(0);
      expect(isUnderOwnKey(deployment, KmsKeyId)).toBe(true);
    }
  });

  test("buckets are private, require TLS, and outlive the stack", () => {
    const policies = JSON.stringify(propertiesOf(deployment, "AWS::S3::BucketPolicy"));
    for (const [id, { Properties, DeletionPolicy }] of deployment.resourcesOf("AWS::S3::Bucket")) {
      expect(Object.values(Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
      expect(DeletionPolicy).toBe("Retain");
      expect(policies).toContain(`{"Ref":"${id}"}`);
    }
    expect(policies.match(/"aws:SecureTransport":"false"/g)).toHaveLength(3);
  });

  test("the API is throttled, and its log, if there is one, has neither path nor query", () => {
    const [stage] = propertiesOf(deployment, "AWS::ApiGatewayV2::Stage");
    expect(stage.DefaultRouteSettings).toMatchObject({
      // finding 22: a thousand phones that send once a second, their bursts and their readers.
      ThrottlingRateLimit: 2500,
      ThrottlingBurstLimit: 5000,
    });
    if (deployment !== hipaa) return expect(stage.AccessLogSettings).toBeUndefined();
    expect(stage.AccessLogSettings.Format).toContain("$context.routeKey");
    expect(stage.AccessLogSettings.Format).not.toMatch(
      /\$context\.(path|identity\.apiKey|http\.path)|query/i,
    );
  });

  test("every alarm notifies the topic", () => {
    for (const { AlarmName, AlarmActions } of propertiesOf(deployment, "AWS::CloudWatch::Alarm")) {
      const told = AlarmActions.map(
        (action: unknown) => deployment.template.Resources[referenceOf(action) ?? ""]?.Type,
      );
      expect(told, AlarmName).toEqual(["AWS::SNS::Topic"]);
    }
  });

  test("the road, the workflows and the API have alarms", () => {
    const stage = deployment.stack.stackName;
    const consumers = MANIFEST.filter(({ stream }) => stream).map(({ name }) => name);
    expect(alarmNames(deployment)).toEqual(
      expect.arrayContaining([
        ...consumers.flatMap((name) =>
          [
            "iterator-age",
            "waiting",
            "near-loss",
            "stopped",
            "failed-records",
            "lost-records",
            "throttles",
          ].map((what) => `${stage}-${name}-${what}`),
        ),
        ...WORKFLOWS.flatMap((name) => [`${stage}-${name}-failures`, `${stage}-${name}-timeouts`]),
        `${stage}-api-5xx`,
      ]),
    );
  });

  test("the dashboard shows six stations side by side, with every function and table on one of them", () => {
    const [{ DashboardBody }] = propertiesOf(deployment, "AWS::CloudWatch::Dashboard");
    const body = JSON.stringify(DashboardBody);
    for (const station of ["1 API", "2 Producers", "3 Stream", "4 Consumers", "5 Tables", "6 Answers"]) {
      expect(body).toContain(`## ${station}`);
    }
    for (const { name } of MANIFEST.filter(
      ({ routes, stream, publishesTo }) => routes || stream || publishesTo,
    )) {
      expect(body, name).toContain(`${name}: errors`);
    }
    for (const [id] of deployment.resourcesOf("AWS::DynamoDB::Table"))
      expect(body).toContain(`{"Ref":"${id}"}`);
  });

  test("the outputs say where everything is", () => {
    expect(Object.keys(deployment.template.Outputs)).toEqual([
      "ApiAddress",
      "KeysTable",
      "TenantsTable",
      "FirstKey",
      "PositionsStream",
      "RecordingsBucket",
      "FailedRecordsBucket",
      "UndeliveredQueue",
      "DashboardAddress",
      "AlarmTopic",
    ]);
  });
});

test("capacity: on demand, or a number of shards", () => {
  const [onDemand] = propertiesOf(dev, "AWS::Kinesis::Stream");
  expect(onDemand.StreamModeDetails.StreamMode).toBe("ON_DEMAND");
  const [provisioned] = propertiesOf(production, "AWS::Kinesis::Stream");
  expect(provisioned).toMatchObject({ ShardCount: 2, StreamModeDetails: { StreamMode: "PROVISIONED" } });
});

test("in production everything that holds data outlives the stack, and each function has its own alarms", () => {
  for (const type of ["AWS::DynamoDB::Table", "AWS::Logs::LogGroup"]) {
    for (const [id, { DeletionPolicy }] of production.resourcesOf(type))
      expect(DeletionPolicy, id).toBe("Retain");
    for (const [id, { DeletionPolicy }] of dev.resourcesOf(type)) expect(DeletionPolicy, id).toBe("Delete");
  }
  for (const { DeletionProtectionEnabled } of propertiesOf(production, "AWS::DynamoDB::Table")) {
    expect(DeletionProtectionEnabled).toBe(true);
  }
  expect(production.stack.terminationProtection).toBe(true);
  expect(alarmNames(production)).toEqual(
    expect.arrayContaining(MANIFEST.map(({ name }) => `backtrack-prod-${name}-errors`)),
  );
});

test.each(EVERY_STAGE)(
  "finding 22: %s: the key outlives the stack if anything that it encrypts does",
  (_, { resourcesOf }) => {
    const outliving = resourcesOf("AWS::S3::Bucket").filter(
      ([, { DeletionPolicy }]) => DeletionPolicy !== "Delete",
    );
    expect(outliving.length).toBeGreaterThan(0);
    for (const [id, key] of resourcesOf("AWS::KMS::Key")) {
      expect([key.DeletionPolicy, key.UpdateReplacePolicy], id).toEqual(["Retain", "Retain"]);
    }
  },
);

test("finding 22: HIPAA keeps copies of every table, in a vault that deletes none before it expires", () => {
  const selected = JSON.stringify(propertiesOf(hipaa, "AWS::Backup::BackupSelection"));
  for (const [id] of hipaa.resourcesOf("AWS::DynamoDB::Table")) expect(selected).toContain(`"${id}"`);
  const [[, vault] = []] = hipaa.resourcesOf("AWS::Backup::BackupVault");
  expect(vault?.DeletionPolicy).toBe("Retain");
  expect(isUnderOwnKey(hipaa, vault?.Properties.EncryptionKeyArn)).toBe(true);
  expect(vault?.Properties.LockConfiguration).toMatchObject({ MinRetentionDays: 35 });
  const [statement] = vault?.Properties.AccessPolicy.Statement ?? [];
  expect(statement).toMatchObject({ Effect: "Deny", Principal: { AWS: "*" } });
  expect(statement.Action).toEqual(
    expect.arrayContaining(["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"]),
  );
  const [{ BackupPlan: plan }] = propertiesOf(hipaa, "AWS::Backup::BackupPlan");
  for (const { Lifecycle } of plan.BackupPlanRule)
    expect(Lifecycle.DeleteAfterDays).toBeGreaterThanOrEqual(35);
  for (const deployment of [dev, production]) {
    expect(deployment.resourcesOf("AWS::Backup::BackupVault")).toEqual([]);
  }
});

test("HIPAA: the customer's key on everything, TLS only, six years of access logs", () => {
  for (const { SSESpecification, ResourcePolicy } of propertiesOf(hipaa, "AWS::DynamoDB::Table")) {
    expect(isUnderOwnKey(hipaa, SSESpecification.KMSMasterKeyId)).toBe(true);
    expect(JSON.stringify(ResourcePolicy)).toContain('"aws:SecureTransport":"false"');
  }
  for (const { KmsKeyArn } of propertiesOf(hipaa, "AWS::Lambda::Function")) {
    expect(isUnderOwnKey(hipaa, KmsKeyArn)).toBe(true);
  }
  const [stage] = propertiesOf(hipaa, "AWS::ApiGatewayV2::Stage");
  const { DestinationArn } = stage.AccessLogSettings;
  expect(hipaa.template.Resources[referenceOf(DestinationArn) ?? ""]?.Properties.RetentionInDays).toBe(2192);
  const [accessLogs] = hipaa.resourcesOf("AWS::S3::Bucket").filter(([id]) => id.startsWith("AccessLogs"));
  expect(accessLogs?.[1].Properties.LifecycleConfiguration.Rules[0].ExpirationInDays).toBe(2192);
});
