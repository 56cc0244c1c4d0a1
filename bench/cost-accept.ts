import { randomUUID } from "node:crypto";
import definition from "../functions/ingest/accept-positions/definition.ts";
import { createStream, createTable } from "../infra/engine/resources.ts";
import { dynamoApiKeyStore } from "../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoRequestCounter } from "../lib/adapters/dynamodb/request-counter.ts";
import { dynamoTenantLimitStore } from "../lib/adapters/dynamodb/tenant-limit-store.ts";
import { keySecrets } from "../lib/adapters/key-secrets.ts";
import { kinesisPositionStream } from "../lib/adapters/kinesis/position-stream.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import { createKey } from "../lib/core/access/create-key.ts";
import { toJson } from "../lib/core/position/parse-position.ts";
import { requestMeter } from "../lib/core/tenant/request-meter.ts";
import { cachedLimits } from "../lib/core/tenant/tenant-limits.ts";
import { streamVariable } from "../lib/resources/stream.ts";
import { TABLES, tableVariable } from "../lib/resources/table.ts";
import { checkAccess } from "../lib/runtime/access.ts";
import { ACCESS_VARIABLE } from "../lib/runtime/definition.ts";
import { readEnvironment } from "../lib/runtime/environment.ts";
import { httpEvent, lambdaContext } from "../test/http-event.ts";
import type { Clients } from "./cost-servers.ts";
import type { Report } from "./cost-workload.ts";
import { type LogCount, meterLog } from "./log-meter.ts";
import { type Consumption, meterClient, type PutRecord, watchRecords } from "./metered-client.ts";

/** What one second put on the stream. */
export interface SecondOfRecords {
  readonly atMs: number;
  readonly records: readonly PutRecord[];
}

/** The measured cost of accepting positions over HTTP. */
export interface AcceptRun {
  readonly positions: number;
  readonly requests: number;
  readonly keyReads: Consumption;
  readonly log: LogCount;
  /** Bodies and headers of our own. */
  readonly responseBytes: number;
  /** Of the thread that handled the requests: checking, parsing, encoding, and the SDK's work. */
  readonly cpuSeconds: number;
  readonly seconds: readonly SecondOfRecords[];
}

export interface AcceptOptions {
  /** Keeps the tables and streams of several runs apart. */
  readonly name: string;
  /**
   * One `POST /positions` holds all of a second's reports; otherwise each report is its device's own request.
   */
  readonly together?: boolean;
}

/** The deployed function, with keys, on its adapters. It gets each report as the gateway would send it. */
export const runAccept = async (
  { dynamodb, kinesis }: Clients,
  seconds: Iterable<readonly Report[]>,
  { name, together = false }: AcceptOptions,
): Promise<AcceptRun> => {
  const tableName = `${name}-keys`;
  const streamName = `${name}-positions`;
  const tenantsTableName = `${name}-tenants`;
  await createTable(dynamodb, tableName, TABLES.keys);
  await createTable(dynamodb, tenantsTableName, TABLES.tenants);
  await createStream(kinesis, streamName, { shards: 1 });
  const variables = {
    ...definition.environment,
    [tableVariable("keys")]: tableName,
    [tableVariable("tenants")]: tenantsTableName,
    // Asked only about tenants with limits.
    [tableVariable("usage")]: "none",
    [tableVariable("devices")]: "none",
    [tableVariable("recordings")]: "none",
    [tableVariable("listings")]: "none",
    [streamVariable("positions")]: streamName,
    [ACCESS_VARIABLE]: "keys",
  };
  Object.assign(process.env, variables);
  const { createHandler } = await import("../functions/ingest/accept-positions/handler.ts");
  const keys = dynamoApiKeyStore(dynamodb, tableName);
  let nowMs = Date.now();
  const now = () => nowMs;
  const { text } = await createKey({ keys, secrets: keySecrets, now }, { name: "fleet", scopes: ["ingest"] });
  const stream = kinesisPositionStream(kinesis, streamName);
  const handler = createHandler({ stream, compression: zstd, now }).use(
    checkAccess(definition, readEnvironment(definition, variables), {
      keys,
      secrets: keySecrets,
      now,
      requests: (tableOf) =>
        requestMeter({
          limits: cachedLimits(dynamoTenantLimitStore(dynamodb, tableOf("tenants")), now),
          counter: dynamoRequestCounter(dynamodb, tableOf("usage")),
          now,
        }),
    }),
  );
  const headers = { authorization: `Bearer ${text}`, "content-type": "application/json" };

  const send = async ({ routeKey, path, body }: Request): Promise<number> => {
    const event = httpEvent(routeKey, { headers, path, body });
    const answer = await handler(event, { ...lambdaContext(), awsRequestId: randomUUID() });
    if (answer.statusCode !== 202) throw new Error(`positions were refused: ${answer.body}`);
    return Buffer.byteLength(`${answer.body}${JSON.stringify(answer.headers)}`);
  };

  const keyReads = meterClient(dynamodb);
  let records: PutRecord[] = [];
  watchRecords(kinesis, (accepted) => void records.push(...accepted));
  const bySecond: SecondOfRecords[] = [];
  let positions = 0;
  let requests = 0;
  let responseBytes = 0;
  const before = process.threadCpuUsage();
  const { log } = await meterLog(async () => {
    for (const reports of seconds) {
      positions += reports.reduce((sum, report) => sum + report.positions.length, 0);
      for (const request of together ? requestOfAll(reports) : reports.map(requestOf)) {
        // A moment after the last fix, as a radio would.
        nowMs = request.atMs + 500;
        requests++;
        responseBytes += await send(request);
      }
      bySecond.push({ atMs: nowMs, records });
      records = [];
    }
  });
  const cpu = process.threadCpuUsage(before);
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  return { positions, requests, keyReads, log, responseBytes, cpuSeconds, seconds: bySecond };
};

interface Request {
  readonly atMs: number;
  readonly routeKey: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const requestOf = ({ atMs, deviceId, positions }: Report): Request => ({
  atMs,
  routeKey: "POST /devices/{deviceId}/positions",
  path: { deviceId },
  body: positions.map(toJson),
});

const requestOfAll = (reports: readonly Report[]): Request[] => {
  if (reports.length === 0) return [];
  const body = reports.flatMap(({ deviceId, positions }) =>
    positions.map((position) => ({ deviceId, ...toJson(position) })),
  );
  return [{ atMs: Math.max(...reports.map(({ atMs }) => atMs)), routeKey: "POST /positions", body }];
};
