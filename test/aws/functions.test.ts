import { expect, test } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import { constructId } from "../../infra/aws/construct-id.ts";
import { bucketVariable } from "../../lib/resources/bucket.ts";
import { streamVariable } from "../../lib/resources/stream.ts";
import { type TableName, tableVariable } from "../../lib/resources/table.ts";
import { workflowVariable } from "../../lib/resources/workflow.ts";
import type { FunctionDefinition } from "../../lib/runtime/definition.ts";
import { requiredVariables } from "../../lib/runtime/environment.ts";
import { resolverOf } from "./resolve.ts";
import {
  PRODUCTION,
  referenceOf,
  type Synthesized,
  synthesize,
  type TemplateResource,
} from "./synthesize.ts";

const dev = synthesize();
const production = synthesize(PRODUCTION);

const functionNamed = (name: string, { resourcesOf } = dev): [string, TemplateResource] => {
  const found = resourcesOf("AWS::Lambda::Function").find(([, { Properties }]) =>
    Properties.FunctionName.endsWith(`-${name}`),
  );
  if (!found) throw new Error(`the template has no function ${name}`);
  return found;
};

test("manifest and template have the same functions", () => {
  const deployed = dev
    .resourcesOf("AWS::Lambda::Function")
    .map(([, { Properties }]) => Properties.FunctionName);
  expect(deployed.toSorted()).toEqual(MANIFEST.map(({ name }) => `backtrack-dev-${name}`).toSorted());
});

test.each(MANIFEST)("$name is deployed as its definition says", (definition) => {
  const [, { Properties }] = functionNamed(definition.name);
  expect(Properties).toMatchObject({
    Runtime: "nodejs24.x",
    Architectures: ["arm64"],
    Handler: "index.handler",
    Description: definition.description,
    MemorySize: definition.memoryMegabytes,
    Timeout: definition.timeoutSeconds,
    LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "INFO" },
  });
  expect(Object.keys(Properties.Environment.Variables).toSorted()).toEqual(
    [
      "NODE_OPTIONS",
      "POWERTOOLS_LOG_LEVEL",
      "POWERTOOLS_SERVICE_NAME",
      ...requiredVariables(definition),
    ].toSorted(),
  );
  expect(Properties.Environment.Variables).toMatchObject(definition.environment ?? {});
  const logGroup = dev.template.Resources[referenceOf(Properties.LoggingConfig.LogGroup) ?? ""];
  expect(logGroup?.Properties.RetentionInDays).toBe(30);
});

/** What a function's variables must contain once the template is deployed. */
const wantedValues = (definition: FunctionDefinition): Record<string, RegExp> => ({
  ...Object.fromEntries(
    Object.keys(definition.tables ?? {}).map((table) => [
      tableVariable(table as TableName),
      new RegExp(`${constructId(table)}Table`),
    ]),
  ),
  ...Object.fromEntries(
    (definition.publishesTo ?? []).map((stream) => [
      streamVariable(stream),
      new RegExp(`-${stream}$|${constructId(stream)}Stream`),
    ]),
  ),
  ...Object.fromEntries(
    (definition.starts ?? []).map((workflow) => [
      workflowVariable(workflow),
      new RegExp(`:stateMachine:backtrack-dev-${workflow}$`),
    ]),
  ),
  ...Object.fromEntries(
    (definition.readsFrom ?? []).map((bucket) => [
      bucketVariable(bucket),
      new RegExp(`${constructId(bucket)}Bucket`),
    ]),
  ),
});

test.each(MANIFEST)(
  "the variables of $name point to the resources that they are named after",
  (definition) => {
    const resolve = resolverOf(dev);
    const [, { Properties }] = functionNamed(definition.name);
    for (const [variable, wanted] of Object.entries(wantedValues(definition))) {
      expect(resolve(Properties.Environment.Variables[variable]), variable).toMatch(wanted);
    }
  },
);

test.each(MANIFEST.filter(({ routes }) => routes?.length))(
  "the API leads $name its routes",
  ({ name, routes = [] }) => {
    const [functionId] = functionNamed(name);
    const integrations = dev
      .resourcesOf("AWS::ApiGatewayV2::Integration")
      .filter(([, { Properties }]) => referenceOf(Properties.IntegrationUri) === functionId);
    expect(integrations).toHaveLength(1);
    expect(integrations[0]?.[1].Properties.PayloadFormatVersion).toBe("2.0");
    const led = dev
      .resourcesOf("AWS::ApiGatewayV2::Route")
      .filter(([, { Properties }]) => JSON.stringify(Properties.Target).includes(`"${integrations[0]?.[0]}"`))
      .map(([, { Properties }]) => Properties.RouteKey);
    expect(led.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted());
  },
);

test("the API has only routes that a definition names", () => {
  const routes = MANIFEST.flatMap((definition) => definition.routes ?? []);
  expect(dev.resourcesOf("AWS::ApiGatewayV2::Route")).toHaveLength(routes.length);
});

test("no route takes longer than the gateway's 30 seconds", () => {
  for (const { name, timeoutSeconds } of MANIFEST.filter(({ routes }) => routes?.length)) {
    expect(timeoutSeconds, name).toBeLessThanOrEqual(30);
  }
});

const consumers = MANIFEST.flatMap(({ name, stream }) => (stream ? [{ name, stream }] : []));

test.each(consumers)("the stream feeds $name with its definition's settings", ({ name, stream }) => {
  const [functionId] = functionNamed(name);
  const mappings = dev
    .resourcesOf("AWS::Lambda::EventSourceMapping")
    .filter(([, { Properties }]) => referenceOf(Properties.FunctionName) === functionId);
  expect(mappings).toHaveLength(1);
  expect(mappings[0]?.[1].Properties).toMatchObject({
    BatchSize: stream.batchSize,
    MaximumBatchingWindowInSeconds: stream.maximumBatchingWindowSeconds,
    MaximumRetryAttempts: stream.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: stream.maximumRecordAgeSeconds,
    BisectBatchOnFunctionError: stream.bisectBatchOnFunctionError,
    FunctionResponseTypes: ["ReportBatchItemFailures"],
    StartingPosition: "TRIM_HORIZON",
  });
});

test("every event source mapping finally gives up, and keeps the whole records in a bucket", () => {
  const mappings = dev.resourcesOf("AWS::Lambda::EventSourceMapping");
  expect(mappings).toHaveLength(consumers.length);
  for (const [id, { Properties }] of mappings) {
    const bucket = referenceOf(Properties.DestinationConfig?.OnFailure?.Destination);
    expect(dev.template.Resources[bucket ?? ""]?.Type, id).toBe("AWS::S3::Bucket");
    expect(Properties.MaximumRetryAttempts, id).toBeGreaterThanOrEqual(0);
    expect(Properties.MaximumRecordAgeInSeconds, id).toBeGreaterThan(0);
  }
});

const canaries = MANIFEST.filter(({ canary }) => canary).map(({ name }) => name);

test("functions whose bad version would lose positions are canaries: those that accept, track and play them", () => {
  expect(canaries).toEqual(["accept-positions", "track-devices", "play-replay"]);
  expect(MANIFEST.filter(({ stream }) => stream).every(({ canary }) => canary)).toBe(true);
});

test("in production every caller of a canary uses an alias that CodeDeploy moves and an alarm can roll back", () => {
  const { template, resourcesOf } = production;
  const aliases = new Map(
    resourcesOf("AWS::Lambda::Alias").map(([id, { Properties }]) => [
      referenceOf(Properties.FunctionName),
      id,
    ]),
  );
  const lambdas = new Map(MANIFEST.map(({ name }) => [name, functionNamed(name, production)[0]]));
  expect([...aliases.keys()].toSorted()).toEqual(canaries.map((name) => lambdas.get(name)).toSorted());
  const called = [
    ...resourcesOf("AWS::ApiGatewayV2::Integration").map(([, { Properties }]) => Properties.IntegrationUri),
    ...resourcesOf("AWS::StepFunctions::StateMachine").flatMap(([, { Properties }]) =>
      Object.values(Properties.DefinitionSubstitutions),
    ),
  ].map((arn) => referenceOf(arn) ?? "");
  expect(
    called.filter((id) => aliases.has(id)).map((id) => template.Resources[id]?.Properties.FunctionName),
  ).toEqual([]);
  expect(called.filter((id) => template.Resources[id]?.Type === "AWS::Lambda::Alias")).toHaveLength(2);
  for (const [, { Properties }] of resourcesOf("AWS::Lambda::EventSourceMapping")) {
    expect(JSON.stringify(Properties.FunctionName)).toContain("live");
  }
  const groups = resourcesOf("AWS::CodeDeploy::DeploymentGroup");
  expect(groups).toHaveLength(canaries.length);
  for (const [id, { Properties }] of groups) {
    expect(Properties.AutoRollbackConfiguration.Events).toContain("DEPLOYMENT_STOP_ON_ALARM");
    const alarm = template.Resources[referenceOf(Properties.AlarmConfiguration.Alarms[0].Name) ?? ""];
    expect(alarm?.Properties.AlarmName, id).toMatch(/-errors$/);
  }
});

test("finding 21: concurrency is reserved only on request, as much as the mapping can use, and for nothing else", () => {
  const reserving = synthesize({ ...PRODUCTION, reserveConcurrency: "on" });
  for (const { name, stream } of MANIFEST) {
    const [, { Properties }] = functionNamed(name, reserving);
    const expected = stream && Number(PRODUCTION.streamShards) * stream.parallelizationFactor;
    expect(Properties.ReservedConcurrentExecutions, name).toBe(expected);
  }
  for (const { template } of [dev, production]) {
    expect(JSON.stringify(template)).not.toContain("ReservedConcurrentExecutions");
  }
});

test("finding 21: outside production a shard takes one execution, so a new account's ten are enough for the rest", () => {
  const factors = (deployment: Synthesized) =>
    deployment
      .resourcesOf("AWS::Lambda::EventSourceMapping")
      .map(([, { Properties }]) => Properties.ParallelizationFactor);
  expect(new Set(factors(dev))).toEqual(new Set([1]));
  expect(factors(production)).toEqual(
    MANIFEST.flatMap(({ stream }) => (stream ? [stream.parallelizationFactor] : [])),
  );
});
