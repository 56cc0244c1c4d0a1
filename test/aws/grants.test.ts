import { describe, expect, test } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import type { TableName } from "../../lib/resources/table.ts";
import type { FunctionDefinition } from "../../lib/runtime/definition.ts";
import {
  HIPAA,
  PRODUCTION,
  referenceOf,
  type Synthesized,
  statementsOfRole,
  synthesize,
  type TemplateResource,
} from "./synthesize.ts";

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
}

/** One action on one resource. */
interface Permission {
  readonly action: string;
  readonly resource: unknown;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

const permissionsIn = (statements: readonly Statement[]): Permission[] =>
  statements.flatMap(({ Action, Resource }) =>
    list(Action).flatMap((action) =>
      list(Resource).map((resource) => ({ action: String(action), resource })),
    ),
  );

const statementsOf = ({ Properties }: TemplateResource): Statement[] =>
  [
    Properties.PolicyDocument,
    Properties.KeyPolicy,
    Properties.ResourcePolicy?.PolicyDocument,
    ...(Properties.Policies ?? []).map(({ PolicyDocument }: { PolicyDocument: unknown }) => PolicyDocument),
  ].flatMap((document) => document?.Statement ?? []);

const permissionsOf = (deployment: Synthesized, name: string): Permission[] => {
  const [, lambda] =
    deployment
      .resourcesOf("AWS::Lambda::Function")
      .find(([, { Properties }]) => Properties.FunctionName.endsWith(`-${name}`)) ?? [];
  const statements: Statement[] = statementsOfRole(deployment, referenceOf(lambda?.Properties.Role));
  expect(statements.length, `${name} has a policy`).toBeGreaterThan(0);
  return permissionsIn(statements);
};

/** Says what a permission is for, in a definition's words. */
const classify = ({ action, resource }: Permission, { stack, template }: Synthesized): string => {
  const text = JSON.stringify(resource);
  const id =
    referenceOf(resource) ??
    referenceOf((resource as { "Fn::Join"?: [string, unknown[]] })["Fn::Join"]?.[1][0]);
  const target = template.Resources[id ?? ""];
  const [service = "", verb = ""] = action.split(":");
  if (service === "dynamodb") {
    const table = /Storage(\w+)Table/.exec(id ?? "")?.[1]?.toLowerCase();
    if (/^(BatchGetItem|GetItem|Query)$/.test(verb)) return `read ${table}`;
    if (/^(BatchWriteItem|PutItem|UpdateItem|DeleteItem)$/.test(verb)) return `write ${table}`;
  }
  if (service === "kinesis" && target?.Type === "AWS::Kinesis::Stream") {
    const stream = /Storage(\w+)Stream/.exec(id ?? "")?.[1]?.toLowerCase();
    return verb === "PutRecords" ? `publish ${stream}` : `consume ${stream}`;
  }
  if (action === "states:StartExecution") {
    return `start ${/stateMachine:([\w-]+)/.exec(text)?.[1]?.replace(`${stack.stackName}-`, "")}`;
  }
  if (
    service === "logs" &&
    target?.Type === "AWS::Logs::LogGroup" &&
    /^(CreateLogStream|PutLogEvents)$/.test(verb)
  ) {
    return "log";
  }
  if (service === "xray" && resource === "*" && /^Put(TraceSegments|TelemetryRecords)$/.test(verb))
    return "trace";
  if (service === "s3" && target?.Type === "AWS::S3::Bucket" && id?.startsWith("FailedRecords")) {
    if (verb === "PutObject" && text.includes("/aws/lambda/*")) return "keep failed records";
    if (verb === "ListBucket") return "keep failed records";
  }
  if (service === "s3" && target?.Type === "AWS::S3::Bucket" && id?.startsWith("RecordingsBucket")) {
    if (/^GetObject(Version)?$/.test(verb) && text.includes('"/*"')) return "read files of recordings";
    if (verb === "ListBucket") return "read files of recordings";
  }
  if (service === "scheduler") {
    const group = /schedule\/(.+)\/\*/.exec(text)?.[1] ?? "";
    if (action === "scheduler:ListSchedules")
      return group === "*" ? "list schedules" : `${action} on ${text}`;
    const name = /"Ref":"(\w+)Schedules/.exec(group)?.[1]?.toLowerCase();
    if (/^(GetSchedule|CreateSchedule|UpdateSchedule|DeleteSchedule)$/.test(verb))
      return `${verb} of ${name}`;
  }
  if (action === "iam:PassRole" && id && /^\w+SchedulesRole/.test(id)) return "pass the schedules' role";
  if (action === "sqs:SendMessage" && id?.startsWith("Undelivered")) return "keep undelivered events";
  if (service === "kms" && target?.Type === "AWS::KMS::Key" && !verb.includes("*")) return "key";
  return `${action} on ${text}`;
};

const expected = (definition: FunctionDefinition, ownKeyEverywhere: boolean): Set<string> => {
  const wanted = new Set(["log"]);
  if (definition.logsOneGoodCallIn === undefined) wanted.add("trace");
  for (const [table, access] of Object.entries(definition.tables ?? {}) as [TableName, string][]) {
    if (access !== "write") wanted.add(`read ${table}`);
    if (access !== "read") wanted.add(`write ${table}`);
  }
  for (const stream of definition.publishesTo ?? []) wanted.add(`publish ${stream}`);
  for (const workflow of definition.starts ?? []) wanted.add(`start ${workflow}`);
  if (definition.stream) wanted.add(`consume ${definition.stream.stream}`).add("keep failed records");
  const access = Object.entries(definition.schedules ?? {}).flatMap(([group, verbs]) =>
    verbs.map((verb) => ({ group, verb })),
  );
  for (const { group, verb } of access) {
    if (verb === "get") wanted.add(`GetSchedule of ${group}`);
    if (verb === "list") wanted.add("list schedules");
    if (verb === "remove") wanted.add(`DeleteSchedule of ${group}`);
    if (verb !== "write") continue;
    wanted
      .add(`CreateSchedule of ${group}`)
      .add(`UpdateSchedule of ${group}`)
      .add("pass the schedules' role");
  }
  if (access.some(({ verb }) => verb === "get" || verb === "write")) wanted.add("key");
  for (const bucket of definition.readsFrom ?? []) wanted.add(`read files of ${bucket}`).add("key");
  if (definition.schedule || definition.bucket) wanted.add("keep undelivered events").add("key");
  // The customer's key encrypts streams and the bucket; with HIPAA everything.
  if (definition.stream || definition.publishesTo?.length || ownKeyEverywhere) wanted.add("key");
  return wanted;
};

const deployments: [string, Synthesized, boolean][] = [
  ["dev", synthesize(), false],
  ["production", synthesize(PRODUCTION), false],
  ["hipaa", synthesize(HIPAA), true],
];

describe.each(deployments)("%s", (_, deployment, ownKeyEverywhere) => {
  test.each(MANIFEST)("$name can do exactly what its definition names", (definition) => {
    const granted = new Set(
      permissionsOf(deployment, definition.name).map((one) => classify(one, deployment)),
    );
    expect([...granted].toSorted()).toEqual([...expected(definition, ownKeyEverywhere)].toSorted());
  });

  test("no star in any action or resource without a reason", () => {
    const stars = Object.entries(deployment.template.Resources).flatMap(([id, resource]) =>
      statementsOf(resource)
        .filter(({ Effect }) => Effect === "Allow")
        .flatMap((statement) =>
          permissionsIn([statement])
            .filter(
              ({ action, resource: on }) => action.includes("*") || JSON.stringify(on ?? "").includes("*"),
            )
            .filter((permission) => !isReasoned(resource.Type, statement, permission))
            .map(({ action, resource: on }) => `${id}: ${action} on ${JSON.stringify(on)}`),
        ),
    );
    expect(stars).toEqual([]);
  });
});

const KEY_OF_ITSELF = "in a key's policy, * means the key itself";

/** Where a star is allowed, and why. */
const REASONED: readonly {
  readonly in: string;
  readonly actions: RegExp;
  readonly resource: RegExp;
  readonly principal?: RegExp;
  readonly reason: string;
}[] = [
  {
    in: "AWS::IAM::Role",
    actions: /^xray:(PutTraceSegments|PutTelemetryRecords|GetSamplingRules|GetSamplingTargets)$/,
    resource: /^"\*"$/,
    reason: "X-Ray accepts no resource",
  },
  {
    in: "AWS::IAM::Role",
    actions:
      /^logs:(CreateLogDelivery|GetLogDelivery|UpdateLogDelivery|DeleteLogDelivery|ListLogDeliveries|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)$/,
    resource: /^"\*"$/,
    reason: "log delivery for Step Functions accepts no resource",
  },
  {
    in: "AWS::IAM::Role",
    actions: /^s3:PutObject$/,
    resource: /FailedRecords.*\/aws\/lambda\/\*/,
    reason: "Lambda names the objects",
  },
  {
    in: "AWS::IAM::Role",
    actions: /^s3:GetObject(Version)?$/,
    resource: /"RecordingsBucket\w+","Arn"\]\},"\/\*"/,
    reason: "users name the files that they import",
  },
  {
    in: "AWS::IAM::Role",
    actions: /^scheduler:(GetSchedule|CreateSchedule|UpdateSchedule|DeleteSchedule)$/,
    resource: /:schedule\/",\{"Ref":"\w+SchedulesGroup\w+"\},"\/\*"/,
    reason: "users name the schedules of the stack's own group",
  },
  {
    in: "AWS::IAM::Role",
    actions: /^scheduler:ListSchedules$/,
    resource: /:schedule\/\*\/\*"/,
    reason: "listing can't be granted for one group",
  },
  {
    in: "AWS::KMS::Key",
    actions: /^kms:\*$/,
    resource: /^"\*"$/,
    principal: /:root"/,
    reason: `the account's administrators manage the key; ${KEY_OF_ITSELF}`,
  },
  {
    in: "AWS::KMS::Key",
    actions:
      /^kms:(Encrypt|Decrypt|ReEncryptFrom|ReEncryptTo|GenerateDataKey|GenerateDataKeyWithoutPlaintext|DescribeKey)$/,
    resource: /^"\*"$/,
    principal: /^\{"Service":.*(logs\.|cloudwatch|events\.|delivery\.logs)/,
    reason: `services of this account's logs, alarms and rules; ${KEY_OF_ITSELF}`,
  },
  {
    in: "AWS::S3::BucketPolicy",
    actions: /^s3:PutObject$/,
    resource: /AccessLogs.*\*/,
    principal: /logging\.s3\.amazonaws\.com/,
    reason: "S3 names its access logs",
  },
];

const isReasoned = (type: string, { Principal }: Statement, { action, resource }: Permission): boolean =>
  REASONED.some(
    ({ in: holder, actions, resource: on, principal }) =>
      holder === type &&
      actions.test(action) &&
      on.test(JSON.stringify(resource)) &&
      (principal === undefined || principal.test(JSON.stringify(Principal))),
  );
