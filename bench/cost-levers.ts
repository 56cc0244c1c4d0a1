import acceptPositions from "../functions/ingest/accept-positions/definition.ts";
import { ACCESS_LOG } from "../infra/aws/http-api.ts";
import { ANYBODY } from "../lib/core/access/caller.ts";
import { admit } from "../lib/runtime/caller.ts";
import { httpFunction } from "../lib/runtime/http.ts";
import { functionMetrics } from "../lib/runtime/metrics.ts";
import { httpEvent, lambdaContext } from "../test/http-event.ts";
import { type Counts, logDollars } from "./cost-lines.ts";
import type { Scenario } from "./cost-scenarios.ts";
import { loggedBytes, meterLog } from "./log-meter.ts";
import { GIGABYTE, HOURS_PER_MONTH, PRICES } from "./prices.ts";
import type { BenchTable } from "./report.ts";

const ROUTE = "POST /devices/{deviceId}/positions";
const KEY_ID = "0Ab3dE5fG7h";

/** The two lines that Lambda itself writes for each call at INFO, as its documentation shows them. */
const PLATFORM_LINES = [
  `{"time":"2026-11-20T12:00:00.000Z","type":"platform.start","record":{"requestId":"79b4f56e-95b1-4643-9700-2807f4e68189","version":"$LATEST"}}`,
  `{"time":"2026-11-20T12:00:00.000Z","type":"platform.report","record":{"requestId":"79b4f56e-95b1-4643-9700-2807f4e68189","metrics":{"durationMs":12.345,"billedDurationMs":13,"memorySizeMB":256,"maxMemoryUsedMB":128},"tracing":{"spanId":"2c9cf1a1d8a8f1c4","type":"X-Amzn-Trace-Id","value":"Root=1-6b003640-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0"},"status":"success"}}`,
];

/** A value of the usual length for each of the gateway's variables. */
const GATEWAY_VALUES: Readonly<Record<string, string>> = {
  time: "20/Nov/2026:12:00:00 +0000",
  requestId: "TkX3hjR5DoEEPdQ=",
  route: ROUTE,
  status: "202",
  latencyMs: "21",
  integrationLatencyMs: "18",
  integrationError: "-",
  responseBytes: "28",
  sourceIp: "203.0.113.117",
  userAgent: "okhttp/4.12.0",
  error: "-",
};

/** The bytes that each successful request would log. */
const lineBytes = async () => {
  const { logsOneGoodCallIn: _, ...talkative } = acceptPositions;
  const accept = async () => ({ status: 202, body: {} });
  const handler = httpFunction(talkative, { [ROUTE]: accept, "POST /positions": accept }).use({
    before: ({ event }) => admit(event, { ...ANYBODY, keyId: KEY_ID }),
  });
  const request = await meterLog(() =>
    handler(httpEvent(ROUTE, { path: { deviceId: "van-1" } }), lambdaContext()),
  );
  const metrics = await meterLog(async () =>
    functionMetrics(acceptPositions).count({ PositionsAccepted: 1 }),
  );
  const gateway = Object.fromEntries(
    Object.keys(ACCESS_LOG).map((name) => [name, GATEWAY_VALUES[name] ?? "-"]),
  );
  return {
    request: request.log.bytes,
    metrics: metrics.log.bytes,
    platform: PLATFORM_LINES.reduce((sum, line) => sum + loggedBytes(line), 0),
    gateway: loggedBytes(JSON.stringify(gateway)),
  };
};

/** What each omitted or non-default option would add for a million positions. */
export const leversTable = async (
  scenario: Scenario,
  counts: Counts,
  recordBytes: number,
): Promise<BenchTable> => {
  const bytes = await lineBytes();
  const { requests, batches, hours } = counts;
  const { kinesis, xray } = PRICES;
  const shardHours = hours * scenario.shards;
  const traces = (requests + batches) * xray.sampledShare + hours * 3_600;
  const { onDemand } = kinesis;
  const onDemandDollars =
    hours * onDemand.dollarsPerStreamHour +
    (recordBytes / GIGABYTE) * (onDemand.dollarsPerGigabyteIn + onDemand.dollarsPerGigabyteOut);
  const provisionedDollars =
    shardHours * kinesis.dollarsPerShardHour + (counts.streamUnits / 1e6) * kinesis.dollarsPerMillionUnits;
  const rows: [string, number, string][] = [
    [
      "a log line for each successful request",
      logDollars(requests * bytes.request),
      `${bytes.request} bytes, measured`,
    ],
    [
      "a line of metrics for each request",
      logDollars(requests * bytes.metrics),
      `${bytes.metrics} bytes, measured`,
    ],
    [
      "Lambda's own lines at INFO",
      logDollars((requests + batches) * bytes.platform),
      `${bytes.platform} bytes, as documented`,
    ],
    [
      "the gateway's access log (gatewayLog=on)",
      logDollars(requests * bytes.gateway),
      `${bytes.gateway} bytes, its format filled in`,
    ],
    [
      "tracing",
      (traces / 1e6) * xray.dollarsPerMillionTraces,
      "the first trace of a second, and 5 % of the others",
    ],
    [
      "a week of retention (retentionHours=168)",
      shardHours * kinesis.extendedRetentionDollarsPerShardHour,
      `${scenario.shards} shards`,
    ],
    [
      "a stream on demand instead of shards (no streamShards)",
      onDemandDollars - provisionedDollars,
      "whole kilobytes, in and out",
    ],
  ];
  return {
    name: `Left out, extra dollars per million positions: ${scenario.name}`,
    columns: ["lever", "$ more", "of"],
    rows: rows.map(([name, dollars, of]) => [name, Math.round(dollars * 1e4) / 1e4, of]),
    notes: [
      `A month has ${HOURS_PER_MONTH} hours. Log lines include the 26 bytes that CloudWatch Logs adds.`,
    ],
  };
};
