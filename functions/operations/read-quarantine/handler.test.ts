import { beforeAll, expect, test } from "vitest";
import { memoryQuarantineStore } from "../../../lib/adapters/memory/quarantine-store.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const quarantine = memoryQuarantineStore();
const handler = createHandler(() => ({ quarantine }));

const record = (sequenceNumber: string, data: Uint8Array) => ({
  recordId: `shardId-000000000000:${sequenceNumber}`,
  stream: "positions",
  partitionKey: "car-1",
  arrivedAtMs: Date.UTC(2026, 10, 20, 12),
  reason: "the record is not JSON",
  problems: [{ field: "latitude", value: 91, rule: "must be between -90 and 90", index: 2 }],
  data,
});

beforeAll(async () => {
  await quarantine.put(record("1", Buffer.from('{"é": 1')));
  await quarantine.put(record("2", Uint8Array.of(1, 0xff, 0)));
});

test("lists records without their data", async () => {
  const { status, json, headers } = await call(handler, "GET /quarantine", { query: { limit: 1 } });
  expect(status).toBe(200);
  expect(json.records).toEqual([
    {
      recordId: "shardId-000000000000:1",
      stream: "positions",
      partitionKey: "car-1",
      arrivedAt: "2026-11-20T12:00:00.000Z",
      reason: "the record is not JSON",
      problems: [{ field: "latitude", value: 91, rule: "must be between -90 and 90", index: 2 }],
      problemCount: 1,
      dataBytes: 8,
    },
  ]);
  expect(headers.link).toBe(`<?limit=1&cursor=${json.cursor}>; rel="next"`);
});

test.each([
  ["text as text", "shardId-000000000000:1", { encoding: "utf-8", data: '{"é": 1', dataBytes: 8 }],
  ["bytes as base64", "shardId-000000000000%3A2", { encoding: "base64", data: "Af8A", dataBytes: 3 }],
])("shows %s", async (_, recordId, shown) => {
  const answer = await call(handler, "GET /quarantine/{recordId}", { path: { recordId } });
  expect(answer).toMatchObject({ status: 200, json: { partitionKey: "car-1", ...shown } });
});

test("binary data that happens to be UTF-8 is still shown as base64, and fits a response", async () => {
  await quarantine.put(record("3", new Uint8Array(1_048_576)));
  const answer = await call(handler, "GET /quarantine/{recordId}", {
    path: { recordId: "shardId-000000000000:3" },
  });
  expect(answer.json.encoding).toBe("base64");
  expect(JSON.stringify(answer.text).length).toBeLessThan(6_000_000);
});

test("a listing shows the first problems of each record and says how many there are", async () => {
  const problems = Array.from({ length: 1000 }, (_, index) => ({
    field: "latitude",
    rule: "is missing",
    index,
  }));
  await quarantine.put({ ...record("4", Uint8Array.of(1)), problems });
  const { json } = await call(handler, "GET /quarantine");
  const listed = json.records.find((one: { recordId: string }) => one.recordId.endsWith(":4"));
  expect([listed.problems.length, listed.problemCount]).toEqual([10, 1000]);
  const whole = await call(handler, "GET /quarantine/{recordId}", { path: { recordId: listed.recordId } });
  expect(whole.json.problems).toEqual(problems);
});

test("an unknown record is a 404 problem", async () => {
  const answer = await call(handler, "GET /quarantine/{recordId}", { path: { recordId: "shard:9" } });
  expect(answer).toMatchObject({ status: 404, json: { detail: "record shard:9 is not in quarantine" } });
});
