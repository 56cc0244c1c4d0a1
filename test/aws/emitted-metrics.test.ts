import { readFileSync } from "node:fs";
import type { Context, KinesisStreamEvent } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createHandler as createGetDevice } from "../../functions/devices/get-device/handler.ts";
import { createHandler as createTrackDevices } from "../../functions/ingest/track-devices/handler.ts";
import { memoryDeviceStore } from "../../lib/adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../../lib/adapters/memory/quarantine-store.ts";
import { memoryStreamIdentity } from "../../lib/adapters/memory/stream-identity.ts";
import { memoryTrackStore } from "../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../lib/adapters/zstd.ts";
import { UnavailableError } from "../../lib/core/errors.ts";
import { perTenant } from "../../lib/core/tenant/of-tenant.ts";
import { call } from "../http-event.ts";
import { type MetricId, metricsOf } from "./evaluate-alarm.ts";
import { resolverOf } from "./resolve.ts";
import { PRODUCTION, synthesize } from "./synthesize.ts";

/*
 * From a failing store to the alarm: the real handler writes exactly the metrics that the template's alarm
 * watches.
 */

const production = synthesize(PRODUCTION);
const resolve = resolverOf(production);

/** The metrics that an alarm in the template watches, with the version that is about to run. */
const watchedBy = (alarmName: string, version: string): MetricId[] => {
  const found = production
    .resourcesOf("AWS::CloudWatch::Alarm")
    .map(([, { Properties }]) => resolve(Properties) as { AlarmName: string })
    .find(({ AlarmName }) => AlarmName === `backtrack-prod-${alarmName}`);
  return metricsOf(found).map((metric) => ({
    ...metric,
    dimensions: Object.fromEntries(
      Object.entries(metric.dimensions).map(([name, value]) => [name, name === "version" ? version : value]),
    ),
  }));
};

const variablesOf = (functionName: string): Record<string, string> => {
  const [, lambda] =
    production
      .resourcesOf("AWS::Lambda::Function")
      .find(([, { Properties }]) => Properties.FunctionName === `backtrack-prod-${functionName}`) ?? [];
  return lambda?.Properties.Environment.Variables;
};

interface EmfLine extends Record<string, unknown> {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/** The metrics that CloudWatch makes from a line: one for each figure and set of dimensions. */
const metricsIn = (line: EmfLine): MetricId[] =>
  line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name }) =>
      Dimensions.map((set) => ({
        namespace: Namespace,
        name: Name,
        dimensions: Object.fromEntries(set.map((dimension) => [dimension, String(line[dimension])])),
      })),
    ),
  );

const lines: Record<string, unknown>[] = [];
const written = (): MetricId[] =>
  lines.filter((line): line is EmfLine => "_aws" in line).flatMap((line) => metricsIn(line));

const VERSION = "42";

beforeEach(() => {
  lines.length = 0;
  // Powertools writes through the global console only in this mode.
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  vi.stubEnv("AWS_LAMBDA_FUNCTION_VERSION", VERSION);
  for (const method of ["log", "info", "warn", "error", "debug"] as const) {
    vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(JSON.parse(line)));
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const failing = async (): Promise<never> => {
  throw new UnavailableError("the table does not answer");
};
const event: KinesisStreamEvent = JSON.parse(
  readFileSync(new URL("../../events/track-devices/json.json", import.meta.url), "utf8"),
);

describe("finding 19: with a failing store, a function writes the metrics that its canary's alarm watches", () => {
  test("get-device, over HTTP", async () => {
    vi.stubEnv("POWERTOOLS_SERVICE_NAME", variablesOf("get-device").POWERTOOLS_SERVICE_NAME);
    const handler = createGetDevice(
      perTenant(() => ({ devices: { ...memoryDeviceStore(), load: failing } })),
    );
    const answer = await call(handler, "GET /devices/{deviceId}", { path: { deviceId: "car" } });
    expect(answer.status).toBe(503);
    const [own] = watchedBy("get-device-errors", VERSION).filter(
      ({ namespace }) => namespace === "backtrack",
    );
    expect(own?.name).toBe("RequestsFailed");
    expect(written()).toContainEqual(own);
  });

  test("track-devices, from the stream", async () => {
    vi.stubEnv("POWERTOOLS_SERVICE_NAME", variablesOf("track-devices").POWERTOOLS_SERVICE_NAME);
    const handler = createTrackDevices(
      perTenant(() => ({
        devices: { ...memoryDeviceStore(), load: failing },
        tracks: memoryTrackStore(),
        quarantine: memoryQuarantineStore(),
        streams: memoryStreamIdentity(),
        compression: zstd,
      })),
    );
    const result = await handler(event, {} as Context).catch((error: Error) => error);
    const [own] = watchedBy("track-devices-errors", VERSION).filter(
      ({ namespace }) => namespace === "backtrack",
    );
    expect(own?.name).toBe("RecordsFailed");
    if (result instanceof Error) {
      // Lambda itself counts thrown errors, and the alarm adds both.
      expect(watchedBy("track-devices-errors", VERSION).map(({ name }) => name)).toContain("Errors");
    } else {
      expect(result.batchItemFailures.length).toBeGreaterThan(0);
      expect(written()).toContainEqual(own);
    }
  });

  test("track-devices, when saving fails for its devices", async () => {
    vi.stubEnv("POWERTOOLS_SERVICE_NAME", variablesOf("track-devices").POWERTOOLS_SERVICE_NAME);
    const handler = createTrackDevices(
      perTenant(() => ({
        devices: { ...memoryDeviceStore(), save: failing },
        tracks: memoryTrackStore(),
        quarantine: memoryQuarantineStore(),
        streams: memoryStreamIdentity(),
        compression: zstd,
      })),
    );
    const { batchItemFailures } = await handler(event, {} as Context);
    expect(batchItemFailures.length).toBeGreaterThan(0);
    const [own] = watchedBy("track-devices-errors", VERSION).filter(
      ({ namespace }) => namespace === "backtrack",
    );
    expect(written()).toContainEqual(own);
  });

  test("finding 14: an unreadable record counts in the metric that the alarm watches", async () => {
    vi.stubEnv("POWERTOOLS_SERVICE_NAME", variablesOf("track-devices").POWERTOOLS_SERVICE_NAME);
    const handler = createTrackDevices(
      perTenant(() => ({
        devices: memoryDeviceStore(),
        tracks: memoryTrackStore(),
        quarantine: memoryQuarantineStore(),
        streams: memoryStreamIdentity(),
        compression: zstd,
      })),
    );
    const [record] = event.Records;
    const kinesis = { ...record.kinesis, data: Buffer.from("{").toString("base64") };
    await handler({ Records: [{ ...record, kinesis }] }, {} as Context);
    expect(written()).toContainEqual(watchedBy("quarantined-records", VERSION)[0]);
  });
});
