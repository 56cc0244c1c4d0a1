import { App } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { readSettings, type Settings } from "../../infra/aws/settings.ts";
import { LIMITS } from "../../lib/resources/limit.ts";

const settingsFor = (context: Record<string, string>): Settings => readSettings(new App({ context }).node);

test("without options: a small stage that admits nobody without credentials", () => {
  expect(settingsFor({})).toEqual({
    stage: "dev",
    isProduction: false,
    isHipaa: false,
    limits: LIMITS,
    logRetentionDays: 30,
    accessLogRetentionDays: 30,
    streamShards: undefined,
    reservesConcurrency: false,
    streamRetentionHours: undefined,
    stateWindowSeconds: 0,
    hasGatewayLog: false,
    hasIngestUrl: false,
    apiAccess: "keys",
    requestsPerSecond: 2500,
    corsOrigins: [],
    alarmEmail: undefined,
  });
});

test("every option is read", () => {
  const options = {
    stage: "prod",
    retentionDays: "90",
    streamShards: "4",
    reserveConcurrency: "on",
    retentionHours: "72",
    stateWindowSeconds: "10",
    gatewayLog: "on",
    ingest: "function-url",
    apiAccess: "open",
    requestsPerSecond: "50",
    maximumAheadSeconds: "60",
    corsOrigins: "https://a.example, http://localhost:5173",
    alarmEmail: "fleet@example.com",
    replaysAtOnce: "7",
  };
  expect(settingsFor(options)).toEqual({
    stage: "prod",
    isProduction: true,
    isHipaa: false,
    limits: { ...LIMITS, replaysAtOnce: 7 },
    logRetentionDays: 90,
    accessLogRetentionDays: 90,
    streamShards: 4,
    reservesConcurrency: true,
    streamRetentionHours: 72,
    stateWindowSeconds: 10,
    hasGatewayLog: true,
    hasIngestUrl: true,
    apiAccess: "open",
    requestsPerSecond: 50,
    maximumAheadSeconds: 60,
    corsOrigins: ["https://a.example", "http://localhost:5173"],
    alarmEmail: "fleet@example.com",
  });
});

test("HIPAA keeps access logs for six years, and other logs as long as the setting says", () => {
  expect(settingsFor({ compliance: "hipaa" })).toMatchObject({
    logRetentionDays: 30,
    accessLogRetentionDays: 2192,
  });
  const longer = settingsFor({ compliance: "hipaa", retentionDays: "3653" });
  expect(longer).toMatchObject({ logRetentionDays: 3653, accessLogRetentionDays: 3653 });
});

test.each([
  [{ stage: "Prod" }, /stage=Prod/],
  [{ stage: "a".repeat(21) }, /stage=a+ is not valid/],
  [{ apiAccess: "iam" }, /apiAccess=iam.*keys or open/],
  [{ compliance: "gdpr" }, /compliance=gdpr.*none or hipaa/],
  [{ apiAccess: "public" }, /apiAccess=public.*keys or open/],
  [{ compliance: "hipaa", apiAccess: "open" }, /hipaa allows no public endpoint/],
  [{ retentionDays: "31" }, /retentionDays=31.*30, 60, 90/],
  [{ retentionDays: "9999" }, /retentionDays=9999/],
  [{ streamShards: "0" }, /streamShards=0/],
  [{ reserveConcurrency: "yes" }, /reserveConcurrency=yes.*off or on/],
  [{ reserveConcurrency: "on" }, /reserveConcurrency=on.*without streamShards/],
  [{ streamShards: "two" }, /streamShards=two/],
  [{ retentionHours: "23" }, /retentionHours=23.*from 24 to 8760/],
  [{ stateWindowSeconds: "301" }, /stateWindowSeconds=301.*from 0 to 300/],
  [{ gatewayLog: "sampled" }, /gatewayLog=sampled.*off or on/],
  [{ compliance: "hipaa", gatewayLog: "off" }, /gatewayLog=off.*must be on/],
  [{ ingest: "url" }, /ingest=url.*gateway or function-url/],
  [{ compliance: "hipaa", ingest: "function-url" }, /ingest=function-url.*must be gateway/],
  [{ requestsPerSecond: "1.5" }, /requestsPerSecond=1.5/],
  [{ corsOrigins: "fleet.example" }, /corsOrigins=fleet.example/],
  [{ corsOrigins: "https://fleet.example/map" }, /corsOrigins/],
  [{ alarmEmail: "fleet" }, /alarmEmail=fleet/],
])("%j is refused with a reason", (context, message) => {
  expect(() => settingsFor(context as Record<string, string>)).toThrow(message);
});

test("a mistyped option is refused, but CDK's own context is not", () => {
  expect(() => settingsFor({ streamShard: "2" })).toThrow(
    "context streamShard is not known; the known keys are stage,",
  );
  expect(settingsFor({ "@aws-cdk/core:newStyleStackSynthesis": "true" }).stage).toBe("dev");
});
