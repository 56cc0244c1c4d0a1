import { expect, test } from "vitest";
import { memoryPositionStream } from "../../../lib/adapters/memory/position-stream.ts";
import { memoryQuarantineStore } from "../../../lib/adapters/memory/quarantine-store.ts";
import { UnavailableError } from "../../../lib/core/errors.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "POST /quarantine/{recordId}/redrive";
const path = { recordId: "shardId-000000000000:7" };

const setUp = async () => {
  const [quarantine, stream] = [memoryQuarantineStore(), memoryPositionStream()];
  const data = new TextEncoder().encode('{"latitude": 91}');
  await quarantine.put({
    ...path,
    stream: "positions",
    partitionKey: "car-1",
    arrivedAtMs: 0,
    reason: "refused",
    problems: [],
    data,
  });
  return { quarantine, stream, data };
};

test("finding 14: puts a quarantined record back onto the stream, whole, once", async () => {
  const { quarantine, stream, data } = await setUp();
  const handler = createHandler(() => ({ quarantine, stream }));
  const answer = await call(handler, ROUTE, { path });
  expect(answer).toMatchObject({ status: 202, json: { ...path, deviceId: "car-1" } });
  expect(stream.records).toEqual([{ deviceId: "car-1", data }]);
  expect(await quarantine.get(path.recordId)).toBeUndefined();
  expect((await call(handler, ROUTE, { path })).status).toBe(404);
});

test("finding 14: what the stream does not take stays in quarantine", async () => {
  const { quarantine } = await setUp();
  const publish = () => Promise.reject(new UnavailableError("no answer"));
  const handler = createHandler(() => ({ quarantine, stream: { publish } }));
  expect((await call(handler, ROUTE, { path })).status).toBe(503);
  expect(await quarantine.get(path.recordId)).toBeDefined();
});
