import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MAXIMUM_BODY_BYTES } from "../../lib/runtime/http-input.ts";
import { unless } from "../unless.ts";
import { type RunningCaddy, sendRaw, startCaddy, startUpstream, WITHOUT_CADDY } from "./caddy.ts";

/*
 * The Caddyfile under a real Caddy: gateway and watchdog log every address that reaches them, so no key may
 * reach them in one. Caddy's own log is looked at as well.
 */

const KEY = "bt_0Ab3dE5fG7h_SECRETsecretSECRETsecret";

describe("the proxy", unless(WITHOUT_CADDY), () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let caddy: RunningCaddy;
  beforeAll(async () => {
    upstream = await startUpstream({ location: "/function/backtrack/devices/van-7" });
    caddy = await startCaddy({ UPSTREAM: upstream.address });
  });
  beforeEach(() => {
    upstream.arrived.length = 0;
  });
  afterAll(async () => {
    await caddy?.close();
    await upstream?.close();
  });
  const send = (...[head, options]: [string, Parameters<typeof sendRaw>[2]?]) =>
    sendRaw(caddy.port, head, options);

  test.each([
    [`/positions?key=${KEY}`, "/positions"],
    [`/devices/van-7/positions?lat=1&key=${KEY}&lon=2`, "/devices/van-7/positions?lat=1&lon=2"],
    [`/devices/a%23b%2Fc/positions?%6Bey=${KEY}`, "/devices/a%23b%2Fc/positions"],
    [`/positions?key=${KEY}&x=%zz`, "/positions"],
    [`/positions?x;y&key=${KEY}`, "/positions"],
  ])("moves the key of POST %s into a header", async (target, arrivesAs) => {
    expect(await send(`POST ${target}`, { body: "{}" })).toMatchObject({ status: 200 });
    expect(upstream.arrived).toMatchObject([
      { method: "POST", url: `/function/backtrack${arrivesAs}`, headers: { "x-api-key": KEY }, bodyBytes: 2 },
    ]);
    const [{ headers }] = upstream.arrived;
    expect(JSON.stringify({ ...headers, "x-api-key": "" })).not.toContain("SECRET");
  });

  test.each([
    ["where nobody may send one", `GET /devices?key=${KEY}&limit=1`, "/devices?limit=1"],
    ["that is none, with a line break", `POST /positions?key=${KEY}%0d%0aX-Evil:1`, "/positions"],
    ["that is given twice", `POST /positions?key=${KEY}&key=${KEY}`, "/positions"],
    ["that can't be decoded", `POST /positions?key=${KEY}%zz`, "/positions"],
  ])("takes out a key %s, and puts it nowhere", async (_, head, arrivesAs) => {
    await send(head);
    expect(upstream.arrived).toMatchObject([{ url: `/function/backtrack${arrivesAs}` }]);
    expect(JSON.stringify(upstream.arrived)).not.toContain("SECRET");
    expect(JSON.stringify(upstream.arrived)).not.toContain("evil");
  });

  test("leaves keys in headers untouched, and they count before one in the address", async () => {
    await send(`POST /positions?key=${KEY}`, { headers: { "X-Api-Key": "bt_other" } });
    await send("GET /devices", { headers: { Authorization: `Bearer ${KEY}` } });
    expect(upstream.arrived).toMatchObject([
      { url: "/function/backtrack/positions", headers: { "x-api-key": "bt_other" } },
      { url: "/function/backtrack/devices", headers: { authorization: `Bearer ${KEY}` } },
    ]);
    expect(upstream.arrived[1].headers).not.toHaveProperty("x-api-key");
  });

  test("leaves paths and other queries as they were sent", async () => {
    const targets = [
      "/devices/a%23b",
      "/devices/a%2Fb%252Fc%3F",
      "/devices/%61",
      "/devices/a..b/track?from=2026-01-01T00:00:00%2B02:00&b=2&a=1",
      "/devices?cursor=a%2Bb+c",
      "/",
      "/?x=1",
    ];
    for (const target of targets) await send(`GET ${target}`);
    expect(upstream.arrived.map(({ url }) => url)).toEqual(
      targets.map((target) => `/function/backtrack${target}`),
    );
    // For the function, since the gateway decodes paths.
    expect(upstream.arrived.map(({ headers }) => headers["x-forwarded-uri"])).toEqual(targets);
  });

  test.each([
    "/2015-03-31/functions/track-devices/invocations",
    "//2015-03-31/functions/track-devices/invocations",
    "/function/backtrack-stream/2015-03-31/functions/track-devices/invocations",
    "/devices/../../backtrack-stream/2015-03-31/functions/track-devices/invocations",
    "/devices/%2e%2e/%2E%2e/backtrack-stream/x",
    "/devices/..%2f..%2fbacktrack-stream",
    "/devices/%252e%252e/x",
    "/system/functions",
    "/_/health",
    "/ui/",
  ])("does not let %s through", async (path) => {
    const answer = await send(`POST ${path}`, { headers: { "X-Backtrack-Invoke-Token": "t" }, body: "{}" });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({
      type: "urn:backtrack:problem:no-such-route",
      status: 404,
    });
    expect(upstream.arrived).toEqual([]);
  });

  test("passes no invoke token on, and no address that a client made up", async () => {
    await send("GET /devices", {
      headers: {
        "X-Backtrack-Invoke-Token": "t",
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Host": "evil",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Uri": "/evil",
      },
    });
    expect(upstream.arrived[0].headers).toMatchObject({
      host: upstream.address,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-prefix": "/",
      "x-forwarded-uri": "/devices",
      "x-forwarded-host": `127.0.0.1:${caddy.port}`,
    });
    expect(upstream.arrived[0].headers).not.toHaveProperty("x-backtrack-invoke-token");
  });

  test("answers a body that is too large itself, with and without a length", async () => {
    const bytes = new Uint8Array(MAXIMUM_BODY_BYTES + 1_500_000);
    const stream = () => new Blob([bytes]).stream();
    const url = `http://127.0.0.1:${caddy.port}/positions`;
    const chunked = { method: "POST", body: stream(), duplex: "half" } as RequestInit;
    for (const init of [{ method: "POST", body: bytes }, chunked]) {
      const answer = await fetch(url, init);
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ type: "urn:backtrack:problem:too-large" });
    }
    expect(upstream.arrived).toEqual([]);
    expect((await fetch(url, { method: "POST", body: new Uint8Array(MAXIMUM_BODY_BYTES) })).status).toBe(200);
    expect(upstream.arrived).toMatchObject([{ bodyBytes: MAXIMUM_BODY_BYTES }]);
  });

  test("gives addresses without the function's own path", async () => {
    expect((await send("GET /devices")).headers.location).toBe("/devices/van-7");
  });

  test("writes no key, no query, no header and no link's token into its log, not even of failures", async () => {
    const alone = await startCaddy({ UPSTREAM: "127.0.0.1:1" });
    try {
      const heads = [
        `POST /positions?key=${KEY}`,
        `GET /shared/${KEY}/track?x=${KEY}`,
        `GET /else?key=${KEY}`,
      ];
      const answers = [];
      for (const head of heads) {
        const headers = { Authorization: `Bearer ${KEY}`, Referer: `https://x/?key=${KEY}` };
        answers.push(await sendRaw(alone.port, head, { headers }));
      }
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 404]);
      expect(answers[0].headers["retry-after"]).toBe("2");
      await expect.poll(() => alone.log().match(/"handled request"/g)).toHaveLength(3);
      expect(alone.log()).toContain('"uri":"/positions"');
      expect(alone.log()).not.toContain("SECRET");
    } finally {
      await alone.close();
    }
    expect(caddy.log()).not.toContain("SECRET");
  });

  test("stands before a plain Deployment as well, behind an Ingress whose word is believed", async () => {
    const plain = await startCaddy({
      UPSTREAM: upstream.address,
      FUNCTION_PATH: "",
      TRUSTED_PROXIES: "127.0.0.1/32 10.0.0.0/8",
    });
    try {
      await sendRaw(plain.port, `POST /positions?key=${KEY}&a=1`, {
        headers: { "X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.1.1.1" },
      });
      expect(upstream.arrived).toMatchObject([
        { url: "/positions?a=1", headers: { "x-api-key": KEY, "x-forwarded-for": "203.0.113.9" } },
      ]);
    } finally {
      await plain.close();
    }
  });
});
