import { beforeEach, describe, expect, test } from "vitest";
import {
  bearer,
  CONTROL,
  CONTROL_AND_READ,
  COURSE,
  GUARDED,
  guardedApi,
  INGEST,
  LIST,
  NOW_MS,
  onEveryRoute,
  PUBLIC,
  READ,
  TASK,
} from "../../test/guarded-api.ts";
import { type HttpEventOptions, httpEvent, lambdaContext } from "../../test/http-event.ts";
import { keySecrets } from "../adapters/key-secrets.ts";
import { memoryApiKeyStore } from "../adapters/memory/api-key-store.ts";
import { memoryRequestCounter } from "../adapters/memory/request-counter.ts";
import type { Scope } from "../core/access/api-key.ts";
import { createKey } from "../core/access/create-key.ts";
import { MisconfiguredError, UnavailableError } from "../core/errors.ts";
import { requestMeter } from "../core/tenant/request-meter.ts";
import { httpFunction } from "./http.ts";

let api: ReturnType<typeof guardedApi>;
beforeEach(() => {
  api = guardedApi();
});

describe("a key is taken", () => {
  test.each([
    ["Authorization: Bearer", (text: string) => ({ headers: { authorization: `Bearer ${text}` } })],
    ["the scheme in any case", (text: string) => ({ headers: { authorization: `bearer   ${text} ` } })],
    ["x-api-key", (text: string) => ({ headers: { "x-api-key": text } })],
    [
      "x-api-key beside another scheme",
      (text: string) => ({ headers: { authorization: "Basic dTpw", "x-api-key": text } }),
    ],
  ])("from %s", async (_, send) => {
    const { key, text } = await api.newKey();
    expect(await api.ask(READ, send(text))).toMatchObject({ status: 200, json: { keyId: key.keyId } });
  });

  test("from the query where positions are sent, where the handler does not see it", async () => {
    const { text } = await api.newKey({ scopes: ["ingest"] });
    expect(await api.ask(INGEST, { query: { key: text } })).toMatchObject({ status: 200 });
    expect(api.handled[0].query).toEqual({});
    const twice = await api.ask(INGEST, { query: { key: [text, text] } });
    expect(twice).toMatchObject({
      status: 400,
      json: { errors: [{ field: "key", rule: "must be given once" }] },
    });
    expect(twice.text).not.toContain(text);
  });

  test("from the query nowhere else", async () => {
    const { text } = await api.newKey();
    expect((await api.ask(READ, { query: { key: text } })).status).toBe(401);
    const answer = await api.ask(READ, { query: { key: text }, headers: bearer(text) });
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: "key" }] } });
    expect(answer.json.errors[0]).not.toHaveProperty("value");
  });

  test("from the header, when both are there", async () => {
    const { text } = await api.newKey();
    expect((await api.ask(INGEST, { query: { key: text }, headers: bearer("bt_x") })).status).toBe(401);
  });
});

describe("nobody is let in", () => {
  test("without a key, with the way to send one", async () => {
    for (const route of [INGEST, READ, LIST, CONTROL, TASK, COURSE]) {
      const answer = await api.ask(route);
      expect(answer).toMatchObject({
        status: 401,
        json: { type: "urn:backtrack:problem:unauthenticated", title: "A valid key is required" },
      });
      expect(answer.headers["www-authenticate"]).toBe('Bearer realm="backtrack"');
    }
    expect(api.handled).toEqual([]);
  });

  test("with an unknown key, a wrong secret, an expired or a revoked key: all the same answer", async () => {
    const unknown = await createKey(
      { keys: memoryApiKeyStore(), secrets: keySecrets, now: () => NOW_MS },
      { name: "x", scopes: ["read"] },
    );
    const revoked = await api.newKey();
    await api.keys.remove(revoked.key.keyId);
    const expired = await api.newKey({ expiresAtSeconds: NOW_MS / 1000 + 1 });
    await api.keys.remove(expired.key.keyId);
    await api.keys.create({ ...expired.key, expiresAtSeconds: NOW_MS / 1000 });
    const changed = await api.newKey();
    await api.keys.remove(changed.key.keyId);
    await api.keys.create({ ...changed.key, hash: keySecrets.hash("another") });
    const answers = [];
    for (const { text } of [unknown, revoked, expired, changed, { text: "nonsense" }]) {
      const { status, text: body, headers } = await api.ask(READ, { headers: bearer(text) });
      answers.push(JSON.stringify({ status, body, headers }));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("401");
  });

  test("with a key that lacks the further scope of a route, which is named", async () => {
    const ask = async (scopes: Scope[]) =>
      api.ask(CONTROL_AND_READ, { headers: bearer((await api.newKey({ scopes })).text) });
    const detail = (scope: Scope) => ({
      status: 403,
      json: { detail: `the key does not have the scope ${scope}` },
    });
    expect(await ask(["control"])).toMatchObject(detail("read"));
    expect(await ask(["read", "ingest"])).toMatchObject(detail("control"));
    expect(await ask(["read", "control"])).toMatchObject({ status: 200 });
  });

  test("a key that expires says when, for what it makes", async () => {
    const { key, text } = await api.newKey({ expiresAtSeconds: NOW_MS / 1000 + 60 });
    expect(await api.ask(READ, { headers: bearer(text) })).toMatchObject({
      json: { keyExpiresAtSeconds: key.expiresAtSeconds },
    });
  });

  test("with a key that lacks the scope, which is named", async () => {
    const { text } = await api.newKey({ scopes: ["ingest", "read"] });
    const answer = await api.ask(CONTROL, { headers: bearer(text) });
    expect(answer).toMatchObject({
      status: 403,
      json: { type: "urn:backtrack:problem:forbidden", detail: "the key does not have the scope control" },
    });
    expect(answer.headers).not.toHaveProperty("www-authenticate");
  });

  test("before a body is looked at", async () => {
    const answer = await api.ask(INGEST, { body: " ".repeat(10_000_000) });
    expect(answer.status).toBe(401);
  });

  test("while the keys can't be read", async () => {
    const get = () => Promise.reject(new UnavailableError("read key abc: no answer"));
    api = guardedApi({ keys: { ...api.keys, get } });
    const { text } = await api.newKey();
    const answer = await api.ask(READ, { headers: bearer(text) });
    expect(answer).toMatchObject({ status: 503 });
    expect(answer.text).not.toContain("abc");
  });

  test("by a function that was left without the middleware", async () => {
    const forgotten = httpFunction(
      GUARDED,
      onEveryRoute(async () => ({ status: 200 })),
    );
    const event = structuredClone(httpEvent(READ, { path: { deviceId: "van-7" } }));
    expect((await forgotten(event, lambdaContext())).statusCode).toBe(500);
  });

  test("because somebody sends what the middleware would note", async () => {
    const headers = { caller: "{}", "x-caller": "{}" };
    expect((await api.ask(READ, { headers, caller: { keyId: "me" } })).status).toBe(401);
  });
});

describe("everybody is let in", () => {
  test("on public routes, key or not", async () => {
    expect((await api.ask(PUBLIC)).status).toBe(200);
    expect((await api.ask(PUBLIC, { headers: bearer("bt_wrong") })).status).toBe(200);
  });

  test("where the service runs open, with a key in the query as well", async () => {
    const open = guardedApi({ access: "open" });
    for (const [route, query] of [
      [INGEST, { key: "bt_x" }],
      [READ, {}],
      [CONTROL, {}],
      [LIST, {}],
    ] as const) {
      const answer = await open.ask(route, { query });
      expect(answer).toMatchObject({ status: 200, json: {} });
    }
  });
});

test.each(["", "Open", "off", "true", "keys "])("ACCESS=%j is a mistake, not an opening", (access) => {
  expect(() => guardedApi({ access })).toThrow(MisconfiguredError);
});

describe("a key with a device prefix", () => {
  const withPrefix = async (routeKey: string, options: HttpEventOptions) => {
    const { text } = await api.newKey({ devicePrefix: "van-" });
    return api.ask(routeKey, { ...options, headers: bearer(text) });
  };

  test.each([
    [READ, { path: { deviceId: "van-7" } }, 200],
    [READ, { path: { deviceId: "van-" } }, 200],
    [READ, { path: { deviceId: "van%2D7" } }, 200],
    [READ, { path: { deviceId: "van" } }, 403],
    [READ, { path: { deviceId: "Van-7" } }, 403],
    [READ, { path: { deviceId: "car-7" } }, 403],
    [INGEST, { path: { deviceId: "car-7" } }, 403],
    [COURSE, { query: { device_id: "van-7" } }, 200],
    [COURSE, { query: { device_id: "car-7" } }, 403],
    [COURSE, { query: { device_id: ["van-7", "car-7"] } }, 403],
    [COURSE, {}, 403],
    [LIST, {}, 403],
    [LIST, { query: { device_id: "car-7" } }, 403],
    [CONTROL, {}, 403],
    [TASK, { path: { taskId: "t" } }, 200],
  ] as [string, HttpEventOptions, number][])("%s %j: %d", async (routeKey, options, status) => {
    const answer = await withPrefix(routeKey, { path: {}, ...options });
    expect(answer.status).toBe(status);
    if (status === 403)
      expect(answer.json.detail).toMatch(/^the key is for devices whose id begins with van- only/);
  });
});

describe("finding 23: at the function's own address the same keys are required", () => {
  const PATH = "/devices/van-7/positions";

  test("nobody without one, and nobody with a wrong one", async () => {
    expect((await api.askDirectly("POST", PATH)).status).toBe(401);
    expect((await api.askDirectly("POST", PATH, { headers: bearer("bt_wrong") })).status).toBe(401);
    expect(api.handled).toEqual([]);
  });

  test("the scope, the prefix and the key in the query count as behind the gateway", async () => {
    const { text } = await api.newKey({ scopes: ["ingest"], devicePrefix: "van-" });
    const headers = bearer(text);
    expect((await api.askDirectly("POST", PATH, { headers })).status).toBe(200);
    expect((await api.askDirectly("POST", PATH, { query: { key: text } })).status).toBe(200);
    expect((await api.askDirectly("POST", "/devices/car-7/positions", { headers })).status).toBe(403);
    expect((await api.askDirectly("GET", "/devices/van-7", { headers })).status).toBe(403);
    expect(api.handled.map(({ parameters }) => parameters)).toEqual([
      { deviceId: "van-7" },
      { deviceId: "van-7" },
    ]);
  });

  test("a path that is no route is a 404 for everybody", async () => {
    const { text } = await api.newKey();
    for (const headers of [{}, bearer(text)]) {
      expect((await api.askDirectly("POST", "/devices/van-7/positions/x", { headers })).status).toBe(404);
    }
    expect(api.handled).toEqual([]);
  });
});

describe("a tenant's limit of requests", () => {
  const limited = (requestsPerMinute: number) => {
    const meter = {
      limits: async () => ({ requestsPerMinute }),
      counter: memoryRequestCounter(),
      now: () => NOW_MS + 20_000,
    };
    return guardedApi({ requests: () => requestMeter(meter) });
  };

  test("lets in what is within it, over all routes, and answers the rest with 429", async () => {
    api = limited(2);
    const { text } = await api.newKey();
    const headers = bearer(text);
    expect((await api.ask(READ, { headers })).status).toBe(200);
    expect((await api.ask(LIST, { headers })).status).toBe(200);
    const answer = await api.ask(CONTROL, { headers });
    expect(answer).toMatchObject({
      status: 429,
      json: {
        type: "urn:backtrack:problem:limit-reached",
        detail: "requestsPerMinute is 2, and this minute's requests are used up: try again in 40 s",
        errors: [{ field: "requestsPerMinute", value: 2 }],
      },
    });
    expect(answer.headers["retry-after"]).toBe("40");
    expect(api.handled).toHaveLength(2);
  });

  test("is not used up by those who are refused, nor by public routes", async () => {
    api = limited(1);
    const { text } = await api.newKey();
    for (let times = 0; times < 3; times++) {
      expect((await api.ask(READ, { headers: bearer("bt_wrong") })).status).toBe(401);
      expect((await api.ask(PUBLIC)).status).toBe(200);
    }
    expect((await api.ask(READ, { headers: bearer(text) })).status).toBe(200);
  });
});
