import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { call } from "../../../test/http-event.ts";
import { MANIFEST } from "../../manifest.ts";
import { createHandler } from "./handler.ts";

test("the document is valid OpenAPI 3.1", async () => {
  const { status, json } = await call(createHandler(), "GET /openapi.json");
  expect(status).toBe(200);
  const validator = new Validator();
  expect(await validator.validate(json)).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
});

test("under a path of its own, the document says so", async () => {
  const headers = { "x-forwarded-prefix": "/function/backtrack" };
  const { json } = await call(createHandler(), "GET /openapi.json", { headers });
  expect(json.servers).toEqual([{ url: "/function/backtrack" }]);
  expect(await new Validator().validate(json)).toEqual({ valid: true });
  expect((await call(createHandler(), "GET /openapi.json")).json.servers).toBeUndefined();
});

test("the validator can fail", async () => {
  const { json } = await call(createHandler(), "GET /openapi.json");
  const broken = {
    ...json,
    paths: { "/devices": { get: { parameters: [{ in: "nowhere" }], responses: {} } } },
  };
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test("every route of the manifest is in it, once, with its parameters", async () => {
  const { json } = await call(createHandler(), "GET /openapi.json");
  const operationIds: string[] = [];
  for (const { method, path, query, headers } of MANIFEST.flatMap(({ routes }) => routes ?? [])) {
    const operation = json.paths[path][method.toLowerCase()];
    operationIds.push(operation.operationId);
    const named = operation.parameters.map((parameter: { in: string; name: string }) => [
      parameter.in,
      parameter.name,
    ]);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ["path", name]);
    const inQuery = Object.keys(query?.properties ?? {}).map((name) => ["query", name]);
    const inHeaders = Object.keys(headers?.properties ?? {}).map((name) => ["header", name]);
    expect(named).toEqual([...inPath, ...inQuery, ...inHeaders]);
  }
  expect(new Set(operationIds).size).toBe(operationIds.length);
});

test("a parameter with a default is not required", async () => {
  const { json } = await call(createHandler(), "GET /openapi.json");
  const limit = json.paths["/devices"].get.parameters.find(({ name }: { name: string }) => name === "limit");
  expect(limit).toEqual({
    name: "limit",
    in: "query",
    required: false,
    schema: { type: "integer", minimum: 1, maximum: 1000, default: 100 },
  });
});

test("every route says which scopes a key must have, and that only positions may be sent with a key in the query", async () => {
  const { json } = await call(createHandler(), "GET /openapi.json");
  for (const { method, path, access, alsoNeeds } of MANIFEST.flatMap(({ routes }) => routes ?? [])) {
    const { security, responses } = json.paths[path][method.toLowerCase()];
    const scopes = alsoNeeds ? [access, alsoNeeds] : [access];
    const anywhere = [{ bearer: scopes }, { header: scopes }];
    const expected = {
      public: [],
      ingest: [...anywhere, { query: ["ingest"] }],
      read: anywhere,
      control: anywhere,
    };
    expect(security, path).toEqual(expected[access]);
    expect("401" in responses && "403" in responses, path).toBe(access !== "public");
  }
  expect(Object.keys(json.components.securitySchemes)).toEqual(["bearer", "header", "query"]);
});
