import fc from "fast-check";
import { Check } from "typebox/schema";
import { beforeEach, describe, expect, test } from "vitest";
import { memoryPositionStream } from "../../../lib/adapters/memory/position-stream.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { ANYBODY, type Caller } from "../../../lib/core/access/caller.ts";
import { type InvalidInputError, ThrottledError } from "../../../lib/core/errors.ts";
import { parsePositions } from "../../../lib/core/position/parse-positions.ts";
import { decodeSegment } from "../../../lib/core/segment/segment.ts";
import { POSITION_INPUT } from "../../../lib/runtime/api/position.ts";
import { admit } from "../../../lib/runtime/caller.ts";
import { atOwnAddress, call, httpEvent, lambdaContext } from "../../../test/http-event.ts";
import { nearlyOf } from "../../../test/schema-arbitrary.ts";
import { createHandler } from "./handler.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const ROUTE = "POST /devices/{deviceId}/positions";

let stream = memoryPositionStream();
beforeEach(() => {
  stream = memoryPositionStream();
});

const post = (body: unknown, options: { deviceId?: string; headers?: Record<string, string> } = {}) =>
  call(createHandler({ stream: () => stream, compression: zstd, now: () => NOW_MS }), ROUTE, {
    path: { deviceId: options.deviceId ?? "car-1" },
    headers: options.headers,
    body,
  });
const published = () => stream.records.flatMap(({ data }) => [...decodeSegment(data, zstd)]);
const parsed = (body: string) => {
  try {
    return parsePositions(new TextEncoder().encode(body), NOW_MS, "car-1");
  } catch (error) {
    return { accepted: 0, rejected: (error as InvalidInputError).problems };
  }
};
const at = (seconds: number) => ({ timestamp: NOW_MS / 1000 + seconds, latitude: 1.5, longitude: -2.25 });

describe("takes", () => {
  test("one position, an array, NDJSON, and the course's names", async () => {
    const first = await post({
      timestamp: "2026-11-20T12:00:00.123Z",
      latitude: 1,
      longitude: 2,
      speed_meters_per_second: "3.5",
    });
    expect(first).toMatchObject({ status: 202, json: { accepted: 1, rejected: [] } });
    expect((await post([at(1), at(2)])).json.accepted).toBe(2);
    const lines = `${JSON.stringify(at(3))}\n${JSON.stringify(at(4))}\n`;
    const ndjson = await post(lines, { headers: { "content-type": "application/x-ndjson" } });
    expect(ndjson.json.accepted).toBe(2);
    expect(published()).toHaveLength(5);
    expect(published()[0]).toEqual({
      timestampMs: NOW_MS + 123,
      latitude: 1,
      longitude: 2,
      speedMetersPerSecond: 3.5,
    });
  });

  test("what curl -d sends, form type and all", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await post(JSON.stringify(at(0)), { headers })).status).toBe(202);
  });

  test("many positions, as records of at most 500, in their order", async () => {
    const positions = Array.from({ length: 1201 }, (_, index) => at(index - 1200));
    expect((await post(positions)).json.accepted).toBe(1201);
    expect(stream.records.map(({ deviceId }) => deviceId)).toEqual(["car-1", "car-1", "car-1"]);
    expect(published().map(({ timestampMs }) => (timestampMs - NOW_MS) / 1000)).toEqual(
      positions.map((_, index) => index - 1200),
    );
    expect(stream.records[0].data.length).toBeLessThan(2000);
  });

  test("the good ones among bad ones, and says what is wrong with those", async () => {
    const answer = await post([at(0), { ...at(1), latitude: 91 }, at(2), 7]);
    expect(answer).toMatchObject({ status: 202, json: { accepted: 2 } });
    expect(answer.json.rejected).toEqual([
      {
        index: 1,
        error: "latitude must be between -90 and 90 (got 91)",
        field: "latitude",
        value: 91,
        rule: "must be between -90 and 90",
      },
      expect.objectContaining({ index: 3, field: "position", rule: "must be a JSON object" }),
    ]);
    expect(published()).toHaveLength(2);
  });
});

describe("finding 3: one bad element is rejected alone", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  const strangers: [string, string][] = [
    ["a device id that has no text", '{"deviceId":{"toString":1}}'],
    ["a device id whose text would call what is no function", '{"device_id":{"toString":null,"valueOf":{}}}'],
    ["a device id nested 20,000 deep", `{"deviceId":${nested(20_000)}}`],
    ["a latitude nested 20,000 deep", `{"timestamp":1795176000,"latitude":${nested(20_000)},"longitude":1}`],
    ["an element nested 20,000 deep", nested(20_000)],
    ["a timestamp that has no text", '{"timestamp":{"toString":1},"latitude":1,"longitude":1}'],
    ["a prototype for a device id", '{"deviceId":{"__proto__":null}}'],
    ["true for a device id", '{"deviceId":true,"timestamp":1795176000,"latitude":1,"longitude":1}'],
  ];

  test.each(strangers)("%s", async (_, element) => {
    const good = JSON.stringify(at(0));
    const asArray = await post(`[${good},${element}]`);
    expect(asArray).toMatchObject({ status: 202, json: { accepted: 1, rejected: [{ index: 1 }] } });
    const asLines = await post(`${good}\n${element}\n`, {
      headers: { "content-type": "application/x-ndjson" },
    });
    expect(asLines).toMatchObject({ status: 202, json: { accepted: 1, rejected: [{ index: 1 }] } });
    expect(asArray.text.length).toBeLessThan(1000);
    expect((await post(element)).status).toBe(400);
    expect(published()).toHaveLength(2);
  });

  test("a device id as a number is one where it is the same", async () => {
    const body = { ...at(0), deviceId: 7 };
    expect((await post(body, { deviceId: "7" })).status).toBe(202);
    expect((await post(body, { deviceId: "07" })).status).toBe(400);
  });
});

describe("finding 3: the schema of a position says what is taken", () => {
  test("null, empty text and numbers as text are in it where they are taken, and refused where they are not", () => {
    fc.assert(
      fc.property(nearlyOf(POSITION_INPUT), (value) => {
        const { accepted, rejected } = parsed(JSON.stringify(value));
        const fits = Check(POSITION_INPUT, JSON.parse(JSON.stringify(value)));
        if (accepted === 1) expect(fits).toBe(true);
        // What a schema can't say: the range of a number in text, the possible timestamps, and whose the
        // position is.
        const beyond = /between|must (not )?be (after|before|more|[\w-]+, whose)|seconds/;
        if (fits) for (const { rule } of rejected) expect(rule).toMatch(beyond);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    [{ elevationMeters: null, hdop: "", vdop: " " }, 202],
    [{ speedMetersPerSecond: "3.5", deviceId: null }, 202],
    [{ latitude: null }, 400],
    [{ longitude: "" }, 400],
    [{ elevationMeters: true }, 400],
  ])("%j: %d", async (fields, status) => {
    const body = { ...at(0), ...fields };
    expect((await post(body)).status).toBe(status);
    expect(Check(POSITION_INPUT, body)).toBe(status === 202);
  });
});

describe("refuses, and publishes nothing:", () => {
  test.each([
    ["latitude 91", { ...at(0), latitude: 91 }, "latitude"],
    ["NaN as text", { ...at(0), longitude: "NaN" }, "longitude"],
    ["NaN as a token", '{"timestamp": 1, "latitude": NaN, "longitude": 0}', "body"],
    ["nanoseconds", { ...at(0), timestamp: NOW_MS * 1e6 }, "timestamp"],
    ["the day after tomorrow", { ...at(0), timestamp: NOW_MS + 2 * 86_400_000 }, "timestamp"],
    ["no timestamp", { latitude: 1, longitude: 2 }, "timestamp"],
    ["another device's position", { ...at(0), deviceId: "car-2" }, "deviceId"],
    ["an empty body", "", "body"],
    ["an empty array", [], "body"],
    ["text", "hello", "body"],
    ["a binary body", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0xff, 0), "body"],
  ])("%s", async (_, body, field) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.json.errors[0]).toMatchObject({ field, rule: expect.stringMatching(/^must|^is missing/) });
    expect(stream.records).toEqual([]);
  });

  test("every bad row is named when all are bad", async () => {
    const answer = await post([
      { ...at(0), latitude: 91 },
      { ...at(1), longitude: 181 },
    ]);
    expect(answer.json.errors).toMatchObject([
      { index: 0, field: "latitude" },
      { index: 1, field: "longitude" },
    ]);
  });

  test("an invalid device id", async () => {
    const answer = await post(at(0), { deviceId: "car 1/x" });
    expect(answer).toMatchObject({
      status: 400,
      json: {
        errors: [
          {
            field: "deviceId",
            value: "car 1/x",
            rule: "must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ -",
          },
        ],
      },
    });
    expect((await post(at(0), { deviceId: "" })).status).toBe(400);
  });

  test("10 MB", async () => {
    const answer = await post(" ".repeat(10_000_000));
    expect(answer).toMatchObject({ status: 413, json: { errors: [{ field: "body" }] } });
  });

  test("a query parameter", async () => {
    const answer = await call(
      createHandler({ stream: () => stream, compression: zstd, now: () => NOW_MS }),
      ROUTE,
      {
        path: { deviceId: "car-1" },
        query: { dry: "true" },
        body: at(0),
      },
    );
    expect(answer.json.errors).toMatchObject([{ field: "dry" }]);
    expect(stream.records).toEqual([]);
  });
});

test("a full stream is a 429 that says when to come back", async () => {
  const full = { publish: () => Promise.reject(new ThrottledError("shard 3 of account 42 is full")) };
  const handler = createHandler({ stream: () => full, compression: zstd, now: () => NOW_MS });
  const answer = await call(handler, ROUTE, { path: { deviceId: "car-1" }, body: at(0) });
  expect(answer).toMatchObject({ status: 429, json: { type: "urn:backtrack:problem:throttled" } });
  expect(answer.headers["retry-after"]).toBe("1");
  expect(answer.text).not.toContain("account 42");
});

describe("finding 23: POST /positions takes positions of many devices", () => {
  const FLEET = "POST /positions";
  const of = (deviceId: unknown, seconds = 0) => ({ ...at(seconds), deviceId });
  const send = (body: unknown, caller?: Partial<Caller>) =>
    call(createHandler({ stream: () => stream, compression: zstd, now: () => NOW_MS }), FLEET, {
      body,
      caller,
    });
  const devices = () => stream.records.map(({ deviceId }) => deviceId);

  test("and puts one record of each device on the stream, in one call", async () => {
    const calls: number[] = [];
    const counting = { publish: async (records: readonly unknown[]) => void calls.push(records.length) };
    const handler = createHandler({ stream: () => counting, compression: zstd, now: () => NOW_MS });
    const body = [of("van-1"), of("van-2"), of("van-1", 1), { ...at(2), device_id: "van-3" }];
    const answer = await call(handler, FLEET, { body });
    expect(answer).toMatchObject({ status: 202, json: { accepted: 4, rejected: [] } });
    expect(calls).toEqual([3]);
    await send(body);
    expect(devices()).toEqual(["van-1", "van-2", "van-3"]);
    expect(published().map(({ timestampMs }) => timestampMs - NOW_MS)).toEqual([0, 1000, 0, 2000]);
  });

  test("the good ones among bad ones, each named by its index", async () => {
    const answer = await send([of("van-1"), at(0), of({ toString: 1 }), { ...of("van-2"), latitude: 91 }, 7]);
    expect(answer).toMatchObject({ status: 202, json: { accepted: 1 } });
    expect(answer.json.rejected).toMatchObject([
      { index: 1, field: "deviceId", rule: "is missing" },
      { index: 2, field: "deviceId" },
      { index: 3, field: "latitude", value: 91 },
      { index: 4, field: "position" },
    ]);
    expect(devices()).toEqual(["van-1"]);
  });

  test.each([
    ["nothing", "", "body"],
    ["an empty list", [], "body"],
    ["no device", at(0), "deviceId"],
    ["text", "hello", "body"],
  ])("refuses %s whole", async (_, body, field) => {
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0]).toMatchObject({ field });
    expect(stream.records).toEqual([]);
  });

  test("with a key of a prefix only devices of that, whatever else is in the body", async () => {
    const caller = { keyId: "k", devicePrefix: "van-" };
    const answer = await send([of("van-1"), of("car-7"), of("van-2")], caller);
    expect(answer).toMatchObject({ status: 202, json: { accepted: 2 } });
    expect(answer.json.rejected).toMatchObject([
      {
        index: 1,
        field: "deviceId",
        value: "car-7",
        rule: "must be an id that begins with van-: the key is for no other devices",
      },
    ]);
    expect(devices()).toEqual(["van-1", "van-2"]);
  });

  test("with a key of a prefix and no device of it: 403, and nothing is published", async () => {
    const caller = { keyId: "k", devicePrefix: "van-" };
    const answer = await send([of("car-7"), of("van")], caller);
    expect(answer).toMatchObject({
      status: 403,
      json: { detail: "the key is for devices whose id begins with van- only" },
    });
    expect(stream.records).toEqual([]);
  });
});

describe("finding 23: at its own address, which names no route", () => {
  const send = async (method: string, rawPath: string, body: unknown = at(0)) => {
    const own = atOwnAddress(httpEvent(`${method} ${rawPath}`, { body }));
    const handler = createHandler({ stream: () => stream, compression: zstd, now: () => NOW_MS }).use({
      before: (request) => admit(request.event, ANYBODY),
    });
    return (await handler(own, lambdaContext())) as { statusCode: number; body: string };
  };

  test("both routes are found by method and path", async () => {
    expect((await send("POST", "/devices/van-1/positions")).statusCode).toBe(202);
    expect((await send("POST", "/devices/van%3A2/positions")).statusCode).toBe(202);
    expect((await send("POST", "/positions", { ...at(0), deviceId: "van-3" })).statusCode).toBe(202);
    expect(stream.records.map(({ deviceId }) => deviceId)).toEqual(["van-1", "van:2", "van-3"]);
  });

  test.each([
    ["GET", "/devices/van-1/positions"],
    ["POST", "/devices/van-1/positions/"],
    ["POST", "/devices//positions"],
    ["POST", "/"],
    ["POST", "/devices/van-1/track"],
    ["POST", "//positions"],
  ])("%s %s is no address", async (method, path) => {
    const answer = await send(method, path);
    expect(answer.statusCode).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ type: "urn:backtrack:problem:no-such-route" });
    expect(stream.records).toEqual([]);
  });

  test("a device id in the path is checked as behind a gateway", async () => {
    for (const path of [
      "/devices/van%201/positions",
      "/devices/%zz/positions",
      "/devices/van%2F1/positions",
    ]) {
      expect((await send("POST", path)).statusCode).toBe(400);
    }
    expect(stream.records).toEqual([]);
  });
});

describe("finding 7: a clock ahead", () => {
  test("of more than 5 minutes is refused by POST with the rule, and the others are taken", async () => {
    const answer = await post([at(0), at(300), at(301), at(12 * 3600)]);
    const rule = "must not be more than 5 minutes after 2026-11-20T12:00:00.000Z";
    expect(answer).toMatchObject({
      status: 202,
      json: {
        accepted: 2,
        rejected: [
          { index: 2, field: "timestamp", rule },
          { index: 3, field: "timestamp", rule },
        ],
      },
    });
    expect(published()).toHaveLength(2);
  });

  test("of more than a deployment allows is refused, too", async () => {
    const timestampRules = { earliestMs: 0, maximumAheadMs: 1000 };
    const handler = createHandler({
      stream: () => stream,
      compression: zstd,
      now: () => NOW_MS,
      timestampRules,
    });
    const answer = await call(handler, ROUTE, { path: { deviceId: "car-1" }, body: at(2) });
    expect(answer).toMatchObject({ status: 400 });
    expect(JSON.stringify(answer.json)).toContain("more than 1 seconds after");
  });
});

test("finding 25: the answer to a POST says where the device will be, and when", async () => {
  const stream = memoryPositionStream();
  const handler = createHandler({ stream: () => stream, compression: zstd, now: Date.now });
  const answer = await call(handler, "POST /devices/{deviceId}/positions", {
    path: { deviceId: "bike:1" },
    body: JSON.stringify({ timestamp: Date.now(), latitude: 1, longitude: 2 }),
  });
  expect(answer.status).toBe(202);
  expect(answer.headers).toMatchObject({ location: "/devices/bike%3A1", "retry-after": "2" });
});
