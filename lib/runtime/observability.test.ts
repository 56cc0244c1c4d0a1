import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { call } from "../../test/http-event.ts";
import { InvalidInputError } from "../core/errors.ts";
import { defineFunction } from "./definition.ts";
import { httpFunction } from "./http.ts";
import { functionMetrics } from "./metrics.ts";
import type { HttpResponse } from "./route-handlers.ts";

const ROUTE = "POST /things";
const definition = defineFunction({
  name: "take-thing",
  description: "",
  memoryMegabytes: 128,
  timeoutSeconds: 5,
  routes: [{ method: "POST", path: "/things", summary: "", tag: "test", access: "read", responses: {} }],
});

const lines: Record<string, unknown>[] = [];
const keep = (line: string) => void lines.push(JSON.parse(line));

beforeEach(() => {
  lines.length = 0;
  // Powertools writes through the global console in this mode only.
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
  for (const method of ["log", "info", "warn", "error", "debug"] as const) {
    vi.spyOn(console, method).mockImplementation(keep);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("log", () => {
  const ask = (respond: () => Promise<HttpResponse>) =>
    call(httpFunction(definition, { [ROUTE]: respond }), ROUTE, { body: '{"latitude": 48.137}' });

  test("one line per request, with what happened and nothing of the body", async () => {
    await ask(async () => ({ status: 202, body: { latitude: 48.137 } }));
    expect(lines).toEqual([
      expect.objectContaining({
        level: "INFO",
        function: "take-thing",
        route: ROUTE,
        status: 202,
        durationMs: expect.any(Number),
        requestId: "00000000-0000-4000-8000-000000000001",
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain("48.137");
  });

  test("a caller's mistake is named by its kind, without the value", async () => {
    const problems = [{ field: "latitude", value: 95.4321, rule: "must be between -90 and 90" }];
    await ask(() => Promise.reject(new InvalidInputError("latitude 95.4321", { problems })));
    expect(lines).toMatchObject([{ level: "INFO", status: 400, problem: "invalid-input" }]);
    expect(JSON.stringify(lines)).not.toContain("95.4321");
  });

  test("our own mistake is an error, whole, for those who read the log", async () => {
    await ask(() => Promise.reject(new TypeError("x is undefined")));
    expect(lines).toMatchObject([
      {
        level: "ERROR",
        status: 500,
        problem: "internal",
        error: { name: "TypeError", message: "x is undefined" },
      },
    ]);
  });
});

describe("finding 23: the log of a function that is called all the time", () => {
  const ask = (isSampled: boolean, respond: () => Promise<HttpResponse>) =>
    call(
      httpFunction(definition, { [ROUTE]: respond }, () => isSampled),
      ROUTE,
    );

  test("leaves out a good request that is not in the sample, and no other", async () => {
    await ask(false, async () => ({ status: 202 }));
    expect(lines).toEqual([]);
    await ask(true, async () => ({ status: 202 }));
    expect(lines).toMatchObject([{ level: "INFO", status: 202 }]);
  });

  test("has every request that did not go well", async () => {
    await ask(false, () => Promise.reject(new InvalidInputError("latitude", { problems: [] })));
    await ask(false, () => Promise.reject(new TypeError("x is undefined")));
    await ask(false, async () => ({ status: 429 }));
    expect(lines.map(({ status }) => status)).toEqual([400, 500, 429]);
  });

  test("is decided by the definition, and by the id that no caller can choose", async () => {
    const busy = defineFunction({ ...definition, logsOneGoodCallIn: 1_000 });
    const chosen = Array.from({ length: 300 }, (_, index) => `caller-${index}`);
    for (const id of chosen) {
      await call(httpFunction(busy, { [ROUTE]: async () => ({ status: 202 }) }), ROUTE, {
        headers: { "x-request-id": id },
      });
    }
    // The test's invocations all have one id, which is not in this sample.
    expect(lines).toEqual([]);
  });
});

describe("metrics", () => {
  test("are one line of the embedded metric format", () => {
    vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
    functionMetrics(definition).count({ PositionsAccepted: 3, PositionsRejected: 0 });
    expect(lines).toMatchObject([{ PositionsAccepted: 3, function: "take-thing", service: "backtrack" }]);
    expect(lines[0]).not.toHaveProperty("PositionsRejected");
  });

  test("finding 19: failures are counted once for the function and once for the version that runs", () => {
    vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
    vi.stubEnv("POWERTOOLS_SERVICE_NAME", "backtrack-prod");
    vi.stubEnv("AWS_LAMBDA_FUNCTION_VERSION", "17");
    functionMetrics(definition).count({ LatePositions: 2, RecordsFailed: 5 });
    const dimensionsOf = (line: Record<string, unknown>) =>
      (line._aws as { CloudWatchMetrics: { Dimensions: string[][] }[] }).CloudWatchMetrics[0]?.Dimensions;
    expect(lines).toMatchObject([
      { LatePositions: 2, service: "backtrack-prod", function: "take-thing" },
      { RecordsFailed: 5, service: "backtrack-prod", function: "take-thing", version: "17" },
    ]);
    expect(lines.map(dimensionsOf)).toEqual([
      [["service", "function"]],
      [
        ["service", "function"],
        ["service", "function", "version"],
      ],
    ]);
  });

  test.each([
    [503, 1],
    [500, 1],
    [429, 0],
    [404, 0],
    [200, 0],
  ])("finding 19: an answer of %i is counted %i times as a failure of ours", async (status, times) => {
    vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
    await call(httpFunction(definition, { [ROUTE]: async () => ({ status }) }), ROUTE);
    const counted = lines.filter((line) => "RequestsFailed" in line);
    expect(counted).toHaveLength(times);
  });

  test("are silent where they are switched off", () => {
    vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "true");
    functionMetrics(definition).count({ PositionsAccepted: 3 });
    expect(lines).toEqual([]);
  });
});
