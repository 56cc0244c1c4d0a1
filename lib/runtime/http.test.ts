import { describe, expect, test } from "vitest";
import { call, httpEvent, lambdaContext } from "../../test/http-event.ts";
import {
  ConflictError,
  InvalidInputError,
  NotFoundError,
  SegmentError,
  ThrottledError,
  UnavailableError,
} from "../core/errors.ts";
import { defineFunction } from "./definition.ts";
import { httpFunction } from "./http.ts";
import type { HttpResponse } from "./route-handlers.ts";

const GET = "GET /things/{thingId}";
const definition = defineFunction({
  name: "get-thing",
  description: "",
  memoryMegabytes: 128,
  timeoutSeconds: 5,
  routes: [
    { method: "GET", path: "/things/{thingId}", summary: "", tag: "test", access: "read", responses: {} },
  ],
});
const answering = (respond: () => Promise<HttpResponse>) => httpFunction(definition, { [GET]: respond });

test("finding 5: no response, good or bad, is cached or read as another type", async () => {
  const responses: (() => Promise<HttpResponse>)[] = [
    async () => ({ status: 200, body: {} }),
    async () => ({ status: 204 }),
    async () => ({ status: 200, body: "a,b", contentType: "text/csv" }),
    () => Promise.reject(new NotFoundError("no")),
    () => Promise.reject(new Error("unforeseen")),
  ];
  for (const respond of responses) {
    const { headers } = await call(answering(respond), GET, { path: { thingId: "a" } });
    expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  }
});

describe("errors", () => {
  const problems = [{ field: "cursor", value: Number.NaN, rule: "must be one that a listing gave" }];

  test.each([
    [new InvalidInputError("no", { problems }), 400, "invalid-input", undefined],
    [new NotFoundError("device x was never heard"), 404, "not-found", undefined],
    [new ConflictError("it has ended"), 409, "conflict", undefined],
    [new ThrottledError("the stream is full"), 429, "throttled", "1"],
    [new UnavailableError("no answer"), 503, "unavailable", "2"],
    [
      Object.assign(new Error("rate exceeded for arn:x"), { $retryable: { throttling: true } }),
      429,
      "throttled",
      "1",
    ],
    [Object.assign(new Error("busy"), { $metadata: { httpStatusCode: 429 } }), 429, "throttled", "1"],
    [Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), 503, "unavailable", "2"],
    [new SegmentError("secret segment"), 500, "undecodable", undefined],
    [new TypeError("secret is undefined"), 500, "internal", undefined],
    ["thrown text with a secret", 500, "internal", undefined],
  ])("%s", async (error, status, code, retryAfter) => {
    const answer = await call(
      answering(() => Promise.reject(error)),
      GET,
      { path: { thingId: "a" } },
    );
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ type: `urn:backtrack:problem:${code}`, status });
    expect(answer.json.instance).toBe(`urn:backtrack:request:${answer.headers["x-request-id"]}`);
    expect(answer.headers["retry-after"]).toBe(retryAfter);
    expect(answer.text).not.toMatch(/secret|arn:x/);
  });

  test("field problems are listed, with a value that JSON can't express as text", async () => {
    const refused = answering(() => Promise.reject(new InvalidInputError("no", { problems })));
    const answer = await call(refused, GET, { path: { thingId: "a" } });
    expect(answer.json.errors).toEqual([{ ...problems[0], value: "NaN" }]);
  });

  test("an unknown route is a 404 problem", async () => {
    const answer = await call(
      answering(async () => ({ status: 200 })),
      "HEAD /nowhere",
    );
    expect(answer).toMatchObject({ status: 404, json: { type: "urn:backtrack:problem:no-such-route" } });
  });

  test("a request that takes too long gets a 503 before the function is stopped", async () => {
    const never = answering(() => new Promise(() => undefined));
    const context = lambdaContext({ remainingMs: () => 210 });
    const answer = await never(httpEvent(GET, { path: { thingId: "a" } }), context);
    expect(answer.statusCode).toBe(503);
  });
});

describe("responses", () => {
  const respond = (response: HttpResponse, headers = {}) =>
    call(
      answering(async () => response),
      GET,
      { path: { thingId: "a" }, headers },
    );

  test("JSON is compact and holds no NaN", async () => {
    const answer = await respond({ status: 200, body: { speed: Number.NaN, list: [1, 2] } });
    expect(answer.text).toBe('{"speed":null,"list":[1,2]}');
  });

  test("text goes as it is under its own type; a bare text or number is JSON", async () => {
    const csv = await respond({ status: 200, body: "a,b\n", contentType: "text/csv" });
    expect([csv.text, csv.headers["content-type"]]).toEqual(["a,b\n", "text/csv"]);
    expect((await respond({ status: 200, body: "abc" })).text).toBe('"abc"');
    expect((await respond({ status: 200, body: 0 })).text).toBe("0");
  });

  test("bytes go as base64; no body is no body", async () => {
    const bytes = await respond({ status: 200, body: Buffer.from("é"), contentType: "text/csv" });
    expect(bytes.text).toBe("é");
    const empty = await respond({ status: 204 });
    expect(empty).toMatchObject({ status: 204, text: "" });
    expect(empty.headers["content-type"]).toBeUndefined();
  });

  test("a sane request id of the caller's comes back, another does not", async () => {
    expect((await respond({ status: 204 }, { "x-request-id": "mine-1" })).headers["x-request-id"]).toBe(
      "mine-1",
    );
    const insane = await respond({ status: 204 }, { "x-request-id": "a\nb" });
    expect(insane.headers["x-request-id"]).toBe("00000000-0000-4000-8000-000000000001");
  });
});
