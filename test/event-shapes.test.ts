import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { MANIFEST } from "../functions/manifest.ts";
import { sampleEventPaths } from "../infra/local/invoke/sample-events.ts";
import { inputOf } from "../lib/adapters/eventbridge-scheduler/schedule-shape.ts";
import type { ReplayBody } from "../lib/core/replay/replay-body.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import type { FunctionDefinition } from "../lib/runtime/definition.ts";
import { checkSchema } from "../lib/runtime/schema-check.ts";
import {
  HTTP_EVENT,
  type HttpEvent,
  KINESIS_EVENT,
  type KinesisEvent,
  OBJECT_CREATED_EVENT,
  type ObjectCreatedEvent,
  OWN_ADDRESS_EVENT,
  SCHEDULED_EVENT,
  type ScheduledEvent,
  TASK_INPUTS,
} from "./event-shapes.ts";

/* Each sample event is what the service that starts the function really sends. */

/** Malformed on purpose, to see the function refuse it: no workflow sends this. */
const MALFORMED = [
  "continue-replay/wrong-input.json",
  "fail-replay/wrong-input.json",
  "play-replay/wrong-input.json",
];

const isAtOwnAddress = (event: unknown): event is HttpEvent =>
  (event as { readonly routeKey?: unknown }).routeKey === "$default";

const shapeFor = ({ name, routes, stream, bucket, schedule, taskOf }: FunctionDefinition, event: unknown) => {
  if (routes) return isAtOwnAddress(event) ? OWN_ADDRESS_EVENT : HTTP_EVENT;
  if (stream) return KINESIS_EVENT;
  if (bucket) return OBJECT_CREATED_EVENT;
  if (schedule) return SCHEDULED_EVENT;
  const input = taskOf && TASK_INPUTS[name];
  if (!input) throw new Error(`what starts ${name} has no shape here`);
  return input;
};

const CASES = MANIFEST.flatMap((definition) =>
  sampleEventPaths(definition.name).map((path) => ({
    title: `${definition.name}/${basename(path)}`,
    definition,
    event: JSON.parse(readFileSync(path, "utf8")) as unknown,
  })),
);
const startedBy = (trigger: "routes" | "stream" | "bucket" | "schedule") =>
  CASES.filter(({ definition }) => definition[trigger] !== undefined);

test.each(CASES)("$title has the shape of its trigger's events", ({ title, definition, event }) => {
  const problems = checkSchema(shapeFor(definition, event), event, "event");
  if (MALFORMED.includes(title)) expect(problems).not.toEqual([]);
  else expect(problems).toEqual([]);
});

test("every event named as malformed exists", () => {
  expect(CASES.map(({ title }) => title)).toEqual(expect.arrayContaining(MALFORMED));
});

/** What API Gateway's HTTP API passes on as text; every other body, even a form's, arrives in base64. */
const IS_TEXT = /^(text\/|application\/(json|javascript|xml)\b)/;

test.each(startedBy("routes"))("$title is consistent as a request", ({ definition, event }) => {
  const { routeKey, rawPath, rawQueryString, headers, requestContext, ...rest } = event as HttpEvent;
  const { http, timeEpoch } = requestContext;
  expect(requestContext.routeKey).toBe(routeKey);
  expect(http.path).toBe(rawPath);
  if (!isAtOwnAddress(event)) {
    const [method, path = ""] = routeKey.split(" ");
    expect(definition.routes?.map((route) => `${route.method} ${route.path}`)).toContain(routeKey);
    expect(http.method).toBe(method);
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
    expect(Object.keys(rest.pathParameters ?? {})).toEqual(names);
    expect(path.replace(/\{(\w+)\}/g, (_, name: string) => rest.pathParameters?.[name] ?? "")).toBe(
      decodeURIComponent(rawPath),
    );
  }

  const query = new URLSearchParams(rawQueryString);
  const joined = Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name).join(",")]));
  expect(rest.queryStringParameters).toEqual(rawQueryString === "" ? undefined : joined);

  expect(headers).toMatchObject({
    host: requestContext.domainName,
    "user-agent": http.userAgent,
    "x-forwarded-for": http.sourceIp,
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
  });
  expect(requestContext.domainName.split(".")[0]).toBe(requestContext.apiId);
  expect(requestContext.domainPrefix).toBe(requestContext.apiId);
  expect(headers["x-amzn-trace-id"]).toMatch(
    new RegExp(`^Root=1-${Math.floor(timeEpoch / 1000).toString(16)}-[0-9a-f]{24}$`),
  );
  const [, day, month, year, time] =
    /^\w+, (\d\d) (\w+) (\d+) (\S+) GMT$/.exec(new Date(timeEpoch).toUTCString()) ?? [];
  expect(requestContext.time).toBe(`${day}/${month}/${year}:${time} +0000`);

  const bytes = Buffer.from(rest.body ?? "", rest.isBase64Encoded ? "base64" : "utf8");
  expect(Number(headers["content-length"] ?? 0)).toBe(bytes.length);
  if (rest.body !== undefined) {
    expect(rest.isBase64Encoded).toBe(!IS_TEXT.test(headers["content-type"] ?? ""));
  }
});

test.each(startedBy("stream"))("$title is a batch of one shard, in its order", ({ definition, event }) => {
  const { Records } = event as KinesisEvent;
  const numbers = Records.map(({ kinesis }) => BigInt(kinesis.sequenceNumber));
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => (a < b ? -1 : 1)));
  expect(new Set(Records.map(({ eventID }) => eventID.split(":")[0])).size).toBe(1);
  for (const { eventID, kinesis, eventSourceARN, awsRegion } of Records) {
    expect(eventID.split(":")[1]).toBe(kinesis.sequenceNumber);
    expect(eventSourceARN.split(":")[3]).toBe(awsRegion);
    expect(eventSourceARN).toMatch(new RegExp(`/${definition.stream?.stream}$`));
  }
});

test.each(startedBy("bucket"))("$title names one bucket", ({ event }) => {
  const { resources, detail } = event as ObjectCreatedEvent;
  expect(resources).toEqual([`arn:aws:s3:::${detail.bucket.name}`]);
});

test.each(startedBy("schedule"))("$title is the input of a schedule as Backtrack creates it", ({ event }) => {
  const { schedule: name, scheduledTime, replay } = event as ScheduledEvent;
  const input = inputOf(DEFAULT_TENANT, { name, replay: replay as unknown as ReplayBody });
  expect(event).toEqual(JSON.parse(input.replace("<aws.scheduler.scheduled-time>", scheduledTime)));
});
