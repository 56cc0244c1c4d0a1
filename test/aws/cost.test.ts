import { describe, expect, test } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import { STREAMS } from "../../lib/resources/stream.ts";
import { HIPAA, type Synthesized, synthesize } from "./synthesize.ts";

/* What the stack does, or leaves out, because of its cost. */

const dev = synthesize();
const tuned = synthesize({
  retentionHours: "168",
  stateWindowSeconds: "10",
  gatewayLog: "on",
  ingest: "function-url",
  requestsPerSecond: "1005",
  corsOrigins: "https://fleet.example",
});
const hipaa = synthesize(HIPAA);
const production = synthesize({ stage: "prod", streamShards: "1", ingest: "function-url" });

const functionNamed = ({ resourcesOf }: Synthesized, name: string) =>
  resourcesOf("AWS::Lambda::Function").find(([, { Properties }]) =>
    Properties.FunctionName.endsWith(`-${name}`),
  )?.[1].Properties;
const only = ({ resourcesOf }: Synthesized, type: string) => {
  const found = resourcesOf(type);
  expect(found, type).toHaveLength(1);
  return found[0]?.[1].Properties;
};

test("finding 4: no page from another site can read the API until a setting names it", () => {
  expect(only(dev, "AWS::ApiGatewayV2::Api")).not.toHaveProperty("CorsConfiguration");
  expect(only(tuned, "AWS::ApiGatewayV2::Api").CorsConfiguration.AllowOrigins).toEqual([
    "https://fleet.example",
  ]);
  expect(only(production, "AWS::Lambda::Url")).not.toHaveProperty("Cors");
});

describe("finding 23: constantly called functions are neither traced nor logged by the platform", () => {
  test("accept-positions and track-devices, and no other function", () => {
    const busy = MANIFEST.filter(({ logsOneGoodCallIn }) => logsOneGoodCallIn !== undefined);
    expect(busy.map(({ name }) => name)).toEqual(["accept-positions", "track-devices"]);
  });

  test.each(MANIFEST)("$name", ({ name, logsOneGoodCallIn }) => {
    const { TracingConfig, LoggingConfig } = functionNamed(dev, name);
    const isBusy = logsOneGoodCallIn !== undefined;
    expect(TracingConfig?.Mode).toBe(isBusy ? undefined : "Active");
    // INFO for the application: at WARN Lambda would drop lines without a level, and metrics are such lines.
    expect(LoggingConfig).toMatchObject({
      SystemLogLevel: isBusy ? "WARN" : "INFO",
      ApplicationLogLevel: "INFO",
    });
  });
});

test("finding 23: with HIPAA the log has every call, elsewhere a sample", () => {
  const variablesOf = (deployment: Synthesized) =>
    functionNamed(deployment, "accept-positions").Environment.Variables;
  expect(variablesOf(hipaa)).toHaveProperty("LOG_EVERY_CALL", "true");
  expect(variablesOf(dev)).not.toHaveProperty("LOG_EVERY_CALL");
});

describe("finding 23: the stream", () => {
  test("keeps records for 24 hours, or as long as the setting says", () => {
    expect(only(dev, "AWS::Kinesis::Stream").RetentionPeriodHours).toBe(24);
    expect(only(tuned, "AWS::Kinesis::Stream").RetentionPeriodHours).toBe(168);
  });

  test("gives records up, and so keeps them, long before it drops them", () => {
    for (const { stream } of MANIFEST) {
      if (!stream) continue;
      const keptSeconds = STREAMS[stream.stream].retentionHours * 3_600;
      expect(stream.maximumRecordAgeSeconds).toBeLessThanOrEqual(keptSeconds / 2);
    }
  });

  test("is read as records arrive, or in batches that gather for a state window", () => {
    const { MaximumBatchingWindowInSeconds, BatchSize } = only(dev, "AWS::Lambda::EventSourceMapping");
    expect([MaximumBatchingWindowInSeconds, BatchSize]).toEqual([0, 500]);
    expect(only(tuned, "AWS::Lambda::EventSourceMapping")).toMatchObject({
      MaximumBatchingWindowInSeconds: 10,
      BatchSize: 10_000,
    });
  });
});

test("finding 23: the gateway logs requests only when the setting says so", () => {
  expect(only(dev, "AWS::ApiGatewayV2::Stage").AccessLogSettings).toBeUndefined();
  expect(only(tuned, "AWS::ApiGatewayV2::Stage").AccessLogSettings.Format).toContain("$context.routeKey");
});

describe("finding 23: positions can be sent to their function's own URL", () => {
  test("not by default", () => {
    expect(dev.resourcesOf("AWS::Lambda::Url")).toEqual([]);
    expect(dev.template.Outputs).not.toHaveProperty("IngestAddress");
  });

  test("which accepts POST from the same origins as the API, and is in the outputs", () => {
    expect(only(tuned, "AWS::Lambda::Url")).toMatchObject({
      AuthType: "NONE",
      Cors: {
        AllowOrigins: ["https://fleet.example"],
        AllowMethods: ["POST"],
        AllowHeaders: expect.arrayContaining(["authorization", "x-api-key"]),
      },
    });
    expect(JSON.stringify(tuned.template.Outputs.IngestAddress)).toContain("FunctionUrl");
  });

  test("with both permissions that a public URL needs, the second only for calls through it", () => {
    const open = tuned
      .resourcesOf("AWS::Lambda::Permission")
      .map(([, { Properties }]) => Properties)
      .filter(({ Principal }) => Principal === "*");
    expect(open).toHaveLength(2);
    expect(open).toEqual([
      expect.objectContaining({ Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "NONE" }),
      expect.objectContaining({ Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true }),
    ]);
  });

  test("bounded by reserved concurrency: ten requests a second for each execution", () => {
    expect(functionNamed(dev, "accept-positions").ReservedConcurrentExecutions).toBeUndefined();
    expect(functionNamed(tuned, "accept-positions").ReservedConcurrentExecutions).toBe(101);
  });

  test("in production the alias's URL", () => {
    expect(only(production, "AWS::Lambda::Url").Qualifier).toBe("live");
  });
});
