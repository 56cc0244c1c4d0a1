import * as Type from "typebox";
import { describe, expect, test } from "vitest";
import { call } from "../../test/http-event.ts";
import { defineFunction } from "./definition.ts";
import { httpFunction } from "./http.ts";
import { MAXIMUM_BODY_BYTES } from "./http-input.ts";
import type { HttpRequest, HttpResponse } from "./route-handlers.ts";

const definition = defineFunction({
  name: "get-thing",
  description: "",
  memoryMegabytes: 128,
  timeoutSeconds: 5,
  routes: [
    {
      method: "GET",
      path: "/things/{thingId}",
      summary: "",
      tag: "test",
      access: "read",
      parameters: Type.Object({ thingId: Type.String({ maxLength: 5 }) }),
      query: Type.Object({
        limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
        windowSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 86_400 })),
        deep: Type.Optional(Type.Boolean()),
        format: Type.Optional(Type.Enum(["json", "csv"])),
        at: Type.Optional(Type.Union([Type.Number(), Type.String({ format: "date-time" })])),
      }),
      responses: {},
    },
    {
      method: "POST",
      path: "/things",
      summary: "",
      tag: "test",
      access: "read",
      body: {
        contentTypes: ["application/json"],
        description: "",
        schema: Type.Object(
          {
            name: Type.String({ minLength: 1, maxLength: 100 }),
            rate: Type.Number({ minimum: 0.01, maximum: 10_000, default: 1 }),
            places: Type.Optional(
              Type.Array(Type.Object({ latitude: Type.Number({ minimum: -90, maximum: 90 }) })),
            ),
          },
          { additionalProperties: false },
        ),
      },
      responses: {},
    },
    {
      method: "POST",
      path: "/files",
      summary: "",
      tag: "test",
      access: "read",
      body: { contentTypes: ["text/csv"], description: "" },
      responses: {},
    },
  ],
});

const GET = "GET /things/{thingId}";
const POST = "POST /things";

const echo = async ({ parameters, query, body }: HttpRequest): Promise<HttpResponse> => ({
  status: 200,
  body: { parameters, query, body },
});
const handler = httpFunction(definition, {
  [GET]: echo,
  [POST]: echo,
  "POST /files": async ({ body }) => ({
    status: 200,
    body: body.length,
  }),
});
const get = (query: Record<string, string | number | string[]>) =>
  call(handler, GET, { path: { thingId: "a" }, query });

describe("query", () => {
  test("is converted to the schema's types, with defaults", async () => {
    const answer = await get({ windowSeconds: "1e2", deep: "true", format: "csv" });
    expect(answer.json.query).toEqual({ limit: 100, windowSeconds: 100, deep: true, format: "csv" });
  });

  test.each([
    [{ limit: "0" }, { field: "limit", value: 0, rule: "must be a whole number from 1 to 1000" }],
    [{ limit: "1.5" }, { field: "limit", value: 1.5, rule: "must be a whole number from 1 to 1000" }],
    [{ limit: "" }, { field: "limit", value: "", rule: "must be a whole number from 1 to 1000" }],
    [{ limit: "0x10" }, { field: "limit", value: "0x10", rule: "must be a whole number from 1 to 1000" }],
    [{ limit: "NaN" }, { field: "limit", value: "NaN", rule: "must be a whole number from 1 to 1000" }],
    [{ limit: ["1", "2"] }, { field: "limit", value: "1, 2", rule: "must be given once" }],
    [
      { windowSeconds: "-5" },
      { field: "windowSeconds", value: -5, rule: "must be a number above 0 and at most 86400" },
    ],
    [
      { windowSeconds: "1e9" },
      { field: "windowSeconds", value: 1e9, rule: "must be a number above 0 and at most 86400" },
    ],
    [
      { windowSeconds: "1e999" },
      { field: "windowSeconds", value: "Infinity", rule: "must be a number above 0 and at most 86400" },
    ],
    [{ deep: "yes" }, { field: "deep", value: "yes", rule: "must be true or false" }],
    [{ format: "gpx" }, { field: "format", value: "gpx", rule: "must be one of json, csv" }],
    [
      { at: "noon" },
      {
        field: "at",
        value: "noon",
        rule: "must be a number, or an ISO 8601 time with its zone, such as 2026-11-20T12:00:00Z",
      },
    ],
    [
      { page: "2" },
      {
        field: "page",
        value: "2",
        rule: "is not a parameter here; the parameters are: limit, windowSeconds, deep, format, at",
      },
    ],
    [{ __proto__x: "2" }, { field: "__proto__x" }],
    [{ constructor: "2" }, { field: "constructor" }],
  ])("%j is refused", async (query, problem) => {
    const answer = await get(query as Record<string, string>);
    expect(answer.status).toBe(400);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.json.errors).toEqual([expect.objectContaining(problem)]);
  });

  test("problems come all at once, and the detail tells the first", async () => {
    const answer = await get({ limit: 0, page: 1 });
    expect(answer.json.errors.map(({ field }: { field: string }) => field)).toEqual(["page", "limit"]);
    expect(answer.json.detail).toMatch(/^page is not a parameter here; .* \(got "1"\); and 1 more$/);
  });
});

test("finding 2: a parameter of a million digits and a letter is refused after one look at it", async () => {
  // With an expression that can match digits in two ways this would take hours.
  const answer = await get({ windowSeconds: `${"1".repeat(1_000_000)}x` });
  expect(answer.status).toBe(400);
  expect(answer.json.errors).toEqual([expect.objectContaining({ field: "windowSeconds" })]);
  expect((await get({ windowSeconds: " 5" })).status).toBe(400);
  expect((await get({ windowSeconds: "+.5e1" })).json.query.windowSeconds).toBe(5);
});

describe("path", () => {
  test("is checked", async () => {
    const answer = await call(handler, GET, { path: { thingId: "longer" } });
    expect(answer.json.errors).toEqual([
      { field: "thingId", value: "longer", rule: "must be text of at most 5 characters" },
    ]);
  });

  test("is decoded where the host did not, and left alone where it can't be", async () => {
    expect((await call(handler, GET, { path: { thingId: "a%3Ab" } })).json.parameters.thingId).toBe("a:b");
    expect((await call(handler, GET, { path: { thingId: "a%" } })).json.parameters.thingId).toBe("a%");
  });
});

describe("body", () => {
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    call(handler, POST, { body, headers });

  test("is parsed and gets the schema's defaults", async () => {
    expect((await post({ name: "x" })).json.body).toEqual({ name: "x", rate: 1 });
  });

  test.each([
    [{}, { field: "name", rule: "is required: it must be text from 1 to 100 characters" }],
    [
      { name: "x", rate: 0 },
      { field: "rate", value: 0, rule: "must be a number from 0.01 to 10000" },
    ],
    [
      { name: "x", rate: "fast" },
      { field: "rate", value: "fast", rule: "must be a number from 0.01 to 10000" },
    ],
    [
      { name: "x", speed: 2 },
      { field: "speed", value: 2, rule: "is not a field here; the fields are: name, rate, places" },
    ],
    [
      { name: "x", places: [{ latitude: 1 }, { latitude: 91 }] },
      { field: "places.1.latitude", value: 91, rule: "must be a number from -90 to 90" },
    ],
    [[1], { field: "body", value: "[1]", rule: "must be an object" }],
    ["", { field: "body", rule: "must not be empty" }],
    ["{nonsense", { field: "body", rule: expect.stringMatching(/^must be JSON in UTF-8/) }],
    ['{"name": NaN}', { field: "body", rule: expect.stringMatching(/^must be JSON in UTF-8/) }],
    [Uint8Array.of(0xff, 0xfe, 0, 1), { field: "body", rule: "must be JSON in UTF-8" }],
  ])("%j is refused", async (body, problem) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toEqual([expect.objectContaining(problem)]);
  });

  test("a syntax error does not quote the body", async () => {
    expect((await post('{"secret": hush}')).text).not.toContain("hush");
  });

  test.each([
    {},
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "text/plain;charset=UTF-8" },
  ])("curl and fetch may leave the type untold: %j", async (headers) => {
    expect((await post({ name: "x" }, headers as Record<string, string>)).status).toBe(200);
  });

  test("JSON under another JSON type passes; XML and gzip are 415", async () => {
    expect((await post({ name: "x" }, { "content-type": "application/vnd.api+json" })).status).toBe(200);
    const xml = await post("<x/>", { "content-type": "application/xml" });
    expect(xml).toMatchObject({
      status: 415,
      json: { errors: [{ field: "content-type", value: "application/xml" }] },
    });
    expect((await post("x", { "content-encoding": "gzip" })).status).toBe(415);
  });

  test("without a schema it comes as bytes, up to the limit", async () => {
    const files = (bytes: number) => call(handler, "POST /files", { body: "x".repeat(bytes) });
    expect((await files(MAXIMUM_BODY_BYTES)).json).toBe(MAXIMUM_BODY_BYTES);
    const answer = await files(10_000_000);
    expect(answer).toMatchObject({
      status: 413,
      json: { type: "urn:backtrack:problem:too-large", errors: [{ field: "body", value: 10_000_000 }] },
    });
  });

  test("finding 1: one that is checked against a schema may have 64 KB, and more are not even parsed", async () => {
    const padded = (length: number) => call(handler, POST, { body: '{"name":"a"}'.padEnd(length) });
    expect((await padded(65_536)).status).toBe(200);
    expect(await padded(65_537)).toMatchObject({
      status: 413,
      json: { errors: [{ field: "body", value: 65_537, rule: "must have at most 65536 bytes" }] },
    });
  });
});
