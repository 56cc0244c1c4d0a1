import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { folderOf, MANIFEST } from "../functions/manifest.ts";
import { dynamoApiKeyStore } from "../lib/adapters/dynamodb/api-key-store.ts";
import { keySecrets } from "../lib/adapters/key-secrets.ts";
import { SCOPES, type Scope } from "../lib/core/access/api-key.ts";
import { createKey, type KeyRequest } from "../lib/core/access/create-key.ts";
import { TABLES, type TableName, tableVariable } from "../lib/resources/table.ts";
import { ACCESS_VARIABLE } from "../lib/runtime/definition.ts";
import { call, type HttpAnswer } from "./http-event.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";

/*
 * Every route of the manifest, in the deployed module, with keys required and a real keys table: no handler
 * may skip the check, whatever its definition says.
 */

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>;

const ROUTES = MANIFEST.flatMap(({ name, routes = [] }) =>
  routes.map((route) => ({ ...route, name, routeKey: `${route.method} ${route.path}` })),
);
const GUARDED = ROUTES.filter(({ access }) => access !== "public");

let local: LocalDynamodb;
const handlers = new Map<string, Handler>();
const keys = new Map<string, string>();

const makeKey = async (name: string, request: Omit<KeyRequest, "name">): Promise<void> => {
  const store = dynamoApiKeyStore(local.client, process.env.KEYS_TABLE ?? "");
  const { text } = await createKey({ keys: store, secrets: keySecrets, now: Date.now }, { name, ...request });
  keys.set(name, text);
};

beforeAll(async () => {
  local = await startLocalDynamodb();
  for (const table of Object.keys(TABLES) as TableName[]) {
    vi.stubEnv(tableVariable(table), await local.makeTable(table));
  }
  vi.stubEnv(ACCESS_VARIABLE, "keys");
  for (const { name } of ROUTES) {
    if (!handlers.has(name)) {
      handlers.set(name, (await import(/* @vite-ignore */ `../${folderOf(name)}/handler.ts`)).handler);
    }
  }
  for (const scope of SCOPES) {
    await makeKey(scope, { scopes: [scope] });
    await makeKey(`not ${scope}`, { scopes: SCOPES.filter((each) => each !== scope) });
  }
  await makeKey("vans", { scopes: SCOPES, devicePrefix: "van-" });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await local.close();
});

const ask = (
  { name, routeKey }: (typeof ROUTES)[number],
  key?: string,
  query?: Readonly<Record<string, string>>,
): Promise<HttpAnswer> => {
  const handler = handlers.get(name);
  if (!handler) throw new Error(`${name} has no handler`);
  const names = [...routeKey.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
  const path = Object.fromEntries(names.map((parameter) => [parameter, "unknown"]));
  const text = key && (keys.get(key) ?? key);
  return call(handler, routeKey, {
    path,
    query,
    ...(text && { headers: { authorization: `Bearer ${text}` } }),
  });
};

describe.each(GUARDED)("$routeKey", (route) => {
  const scope = route.access as Scope;

  test("without a key, or with a wrong one: 401", async () => {
    for (const key of [undefined, "bt_nonsense", `${keys.get(scope)}x`]) {
      const answer = await ask(route, key);
      expect(answer).toMatchObject({ status: 401, json: { type: "urn:backtrack:problem:unauthenticated" } });
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
    }
  });

  test("with every scope except its own: a 403 that names it", async () => {
    const answer = await ask(route, `not ${scope}`);
    expect(answer).toMatchObject({
      status: 403,
      json: { detail: `the key does not have the scope ${scope}` },
    });
  });

  test("with its own scope: accepted", async () => {
    const alone = route.alsoNeeds ? SCOPES.find((each) => each !== scope && each !== route.alsoNeeds) : "";
    const { status } = await ask(route, alone ? `not ${alone}` : scope);
    expect([401, 403, 500]).not.toContain(status);
  });

  test("with a key in the query: accepted only where positions are sent", async () => {
    const { status } = await ask(route, undefined, { key: keys.get(scope) ?? "" });
    expect(status === 401).toBe(scope !== "ingest");
  });

  test("with a key for other devices: 403 wherever the request names a device, or could mean any", async () => {
    const { status } = await ask(route, "vans");
    if (route.admitsPrefixedKeys) expect([401, 403, 500]).not.toContain(status);
    else expect(status).toBe(403);
  });
});

test.each(GUARDED.filter(({ alsoNeeds }) => alsoNeeds !== undefined))(
  "$routeKey without the further scope that it needs: a 403 that names it",
  async (route) => {
    expect(await ask(route, route.access)).toMatchObject({
      status: 403,
      json: { detail: `the key does not have the scope ${route.alsoNeeds}` },
    });
  },
);

test("only routes that reveal nothing about anyone are public, and links, which are secret themselves", () => {
  const open = ROUTES.filter(({ access }) => access === "public").map(({ routeKey }) => routeKey);
  expect(open.sort()).toEqual([
    "GET /",
    "GET /healthz",
    "GET /openapi.json",
    "GET /shared/{token}",
    "GET /shared/{token}/track",
  ]);
});

test("ingest opens only the routes that accept positions", () => {
  expect(ROUTES.filter(({ access }) => access === "ingest").map(({ routeKey }) => routeKey)).toEqual([
    "POST /devices/{deviceId}/positions",
    "POST /positions",
  ]);
});

test("a read key can't change anything", () => {
  const changing = GUARDED.filter(({ method, access }) => method !== "GET" && access === "read");
  // Both request a figure, and change nothing.
  expect(changing.map(({ routeKey }) => routeKey).sort()).toEqual([
    "POST /devices/{deviceId}/average-speed-tasks",
    "POST /request_to_compute_avg_speed",
  ]);
});
