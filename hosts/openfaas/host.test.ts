import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { changingSecret } from "../../lib/secrets/changing-secret.ts";
import { type Host, type HostOptions, startHost } from "./host.ts";
import type { Handler, LoadedFunction, Time } from "./hosted-function.ts";
import { bodyReader } from "./request-body.ts";
import { readHostSettings } from "./settings.ts";

const TOKEN = "a-token-of-twenty-characters";

let secrets: string;
beforeAll(() => {
  secrets = mkdtempSync(join(tmpdir(), "host-"));
  writeFileSync(join(secrets, "backtrack-invoke-token"), TOKEN);
});
afterAll(() => rmSync(secrets, { recursive: true }));

const running: Host[] = [];
afterEach(async () => {
  for (const host of running.splice(0)) {
    host.cut();
    // Not all functions of these tests end.
    void host.close();
  }
});

interface Started {
  readonly url: string;
  readonly host: Host;
  /** What the callers were not told. */
  readonly failures: string[];
}

const start = async (
  handlers: Readonly<Record<string, Handler>>,
  variables: Readonly<Record<string, string>> = {},
  options: Partial<HostOptions> = {},
): Promise<Started> => {
  const failures: string[] = [];
  const functions = Object.entries(handlers).map(
    ([routeKey, handler], index): LoadedFunction => ({
      name: routeKey.includes(" ") ? `route-${index}` : routeKey,
      memoryMegabytes: 128,
      timeoutSeconds: 30,
      handler,
      ...(routeKey.includes(" ") && { routes: [routeOf(routeKey)] }),
    }),
  );
  const host = await startHost(functions, {
    settings: readHostSettings({ PORT: "0", HOST: "127.0.0.1", SECRETS_FOLDER: secrets, ...variables }),
    token: changingSecret(secrets, "backtrack-invoke-token"),
    onFailure: (name, error) => failures.push(`${name}: ${error}`),
    onOverstay: () => {},
    ...options,
  });
  running.push(host);
  return { url: `http://127.0.0.1:${host.port}`, host, failures };
};

const routeOf = (routeKey: string) => {
  const [method, path] = routeKey.split(" ");
  return { method: method as "GET", path };
};

const ok: Handler = async () => ({ statusCode: 200, body: "ok" });
const echo: Handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });
const never: Handler = () => new Promise(() => {});

const eventAt = async (url: string, init?: RequestInit): Promise<APIGatewayProxyEventV2> => {
  const response = await fetch(url, init);
  return (await response.json()) as APIGatewayProxyEventV2;
};

const invoke = (url: string, name: string, body = "{}", token: string | null = TOKEN) =>
  fetch(`${url}/2015-03-31/functions/${name}/invocations`, {
    method: "POST",
    body,
    headers: token === null ? {} : { "x-backtrack-invoke-token": token },
  });

describe("routes", () => {
  test("a request becomes the event of its route, and what is returned its response", async () => {
    const { url } = await start({
      "POST /devices/{deviceId}/positions": echo,
      "GET /devices": async () => ({
        statusCode: 202,
        headers: { "X-Damaged": "1", Location: "/tasks/1" },
        cookies: ["a=1", "b=2"],
        body: Buffer.from([0, 255]).toString("base64"),
        isBase64Encoded: true,
      }),
    });
    const event = await eventAt(`${url}/devices/a%40b/positions?at=1&at=2`, {
      method: "POST",
      body: new Uint8Array([0, 255]),
      headers: { "content-type": "application/octet-stream", cookie: "x=1; y=2" },
    });
    expect(event).toMatchObject({
      routeKey: "POST /devices/{deviceId}/positions",
      rawPath: "/devices/a%40b/positions",
      rawQueryString: "at=1&at=2",
      pathParameters: { deviceId: "a%40b" },
      cookies: ["x=1", "y=2"],
      body: "AP8=",
      isBase64Encoded: true,
    });
    const response = await fetch(`${url}/devices`);
    expect([response.status, response.headers.get("x-damaged")]).toEqual([202, "1"]);
    expect(response.headers.get("location")).toBe("/tasks/1");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255]));
    expect(response.headers.get("x-backtrack-host")).toBe("1");
  });

  test("a body without a length arrives whole", async () => {
    const { url } = await start({ "POST /positions": echo });
    const parts = ["one", "two", "three"];
    const body = new ReadableStream({
      pull: (controller) => {
        const part = parts.shift();
        if (part === undefined) controller.close();
        else controller.enqueue(Buffer.from(part));
      },
    });
    const event = await eventAt(`${url}/positions`, { method: "POST", body, duplex: "half" });
    expect(Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8").toString()).toBe(
      "onetwothree",
    );
  });

  test.each([
    ["GET", "/nowhere", 404, "no-such-route"],
    ["DELETE", "/devices", 404, "no-such-route"],
    ["OPTIONS", "/devices", 404, "no-such-route"],
    ["GET", "/devices/", 404, "no-such-route"],
    ["GET", "/devices/%zz", 400, "invalid-input"],
  ])("%s %s is %i", async (method, path, status, code) => {
    const { url } = await start({ "GET /devices": ok, "GET /devices/{deviceId}": ok });
    const response = await fetch(`${url}${path}`, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(((await response.json()) as { type: string }).type).toBe(`urn:backtrack:problem:${code}`);
  });

  test("a HEAD is a GET whose body is not sent", async () => {
    const { url } = await start({ "GET /devices": ok });
    const response = await fetch(`${url}/devices`, { method: "HEAD" });
    expect([response.status, response.headers.get("content-length")]).toEqual([200, "2"]);
    expect(await response.text()).toBe("");
  });

  test.each<[string, Handler]>([
    ["throws", () => Promise.reject(new Error("secret inside"))],
    [
      "throws before it returns",
      () => {
        throw new Error("secret inside");
      },
    ],
    ["returns no response", async () => "secret inside"],
    [
      "returns a header that can't be sent",
      async () => ({ statusCode: 200, headers: { a: "secret inside\n" } }),
    ],
    ["returns a status that is none", async () => ({ statusCode: 99, body: "secret inside" })],
  ])("a function that %s is a 500 that tells nothing", async (_, handler) => {
    const { url, failures } = await start({ "GET /devices": handler, "GET /": ok });
    const response = await fetch(`${url}/devices`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/secret|at .*\.ts/);
    expect(failures).toHaveLength(1);
    expect((await fetch(`${url}/`)).status).toBe(200);
  });
});

describe("behind a proxy", () => {
  const created: Handler = async () => ({ statusCode: 201, headers: { location: "/tasks/1" } });

  test.each([
    ["as it is set", "/function/backtrack", {}, "/function/backtrack/tasks/1"],
    ["as a proxy says", "/function/backtrack", { "x-forwarded-prefix": "/api" }, "/api/tasks/1"],
    ["without one, as a proxy says", "/function/backtrack", { "x-forwarded-prefix": "/" }, "/tasks/1"],
    ["not as an attacker would like it", "/api", { "x-forwarded-prefix": "//evil.example" }, "/api/tasks/1"],
    ["not at all", "", {}, "/tasks/1"],
  ])("Location has the public prefix, %s", async (_, prefix, headers, location) => {
    const { url } = await start({ "POST /tasks": created }, { PUBLIC_PREFIX: prefix });
    const response = await fetch(`${url}/tasks`, { method: "POST", headers });
    expect(response.headers.get("location")).toBe(location);
  });

  test("the address of somebody else stays as it is", async () => {
    const { url } = await start(
      { "GET /": async () => ({ statusCode: 200, headers: { location: "//other.example/" } }) },
      { PUBLIC_PREFIX: "/x" },
    );
    expect((await fetch(url)).headers.get("location")).toBe("//other.example/");
  });

  test("what a gateway decoded is undone if the proxy before it says what was asked for", async () => {
    const { url } = await start({ "GET /devices/{deviceId}": echo });
    const asked = (uri: string) => eventAt(`${url}/devices/a`, { headers: { "x-forwarded-uri": uri } });
    expect((await asked("/devices/a%23b?limit=1")).rawPath).toBe("/devices/a%23b");
    expect((await asked("/devices/a%23b?limit=1")).rawQueryString).toBe("limit=1");
    // Somebody else's proxy, which counts its own prefix.
    expect((await asked("/function/backtrack/devices/a")).rawPath).toBe("/devices/a");
    expect((await asked("//evil.example/devices/b")).rawPath).toBe("/devices/a");
  });

  test("where a request comes from is believed only where a setting says so; the token is shown to nobody", async () => {
    const headers = { "x-forwarded-for": "6.6.6.6, 7.7.7.7", "x-backtrack-invoke-token": TOKEN };
    const open = await start({ "GET /devices": echo });
    const event = await eventAt(`${open.url}/devices`, { headers });
    expect(event.requestContext.http.sourceIp).toBe("127.0.0.1");
    expect(JSON.stringify(event)).not.toContain(TOKEN);
    const behind = await start({ "GET /devices": echo }, { TRUST_FORWARDED: "true" });
    const trusted = await eventAt(`${behind.url}/devices`, { headers });
    expect(trusted.requestContext.http.sourceIp).toBe("7.7.7.7");
  });
});

describe("pages of other origins", () => {
  const preflight = { origin: "https://fleet.example", "access-control-request-method": "PATCH" };

  test("may use the API if they are listed, whatever it answers", async () => {
    const { url } = await start({ "GET /devices": ok }, { ALLOWED_ORIGINS: "https://fleet.example" });
    const asked = await fetch(`${url}/devices`, { method: "OPTIONS", headers: preflight });
    expect([asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([
      204,
      "https://fleet.example",
    ]);
    expect(asked.headers.get("access-control-allow-methods")).toContain("PATCH");
    for (const path of ["/devices", "/nowhere"]) {
      const response = await fetch(`${url}${path}`, { headers: { origin: "https://fleet.example" } });
      expect(response.headers.get("access-control-allow-origin")).toBe("https://fleet.example");
      expect(response.headers.get("access-control-expose-headers")).toContain("location");
      expect(response.headers.get("vary")).toBe("origin");
    }
  });

  test("get no permission otherwise", async () => {
    const { url } = await start({ "GET /devices": ok }, { ALLOWED_ORIGINS: "https://fleet.example" });
    const headers = { ...preflight, origin: "https://evil.example" };
    const asked = await fetch(`${url}/devices`, { method: "OPTIONS", headers });
    expect([asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([204, null]);
    const response = await fetch(`${url}/devices`, { headers });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, null]);
  });
});

describe("limits", () => {
  test.each([
    ["with a length", "12345678901"],
    ["without one", new Blob(["12345678901"]).stream()],
  ])("a body that is too large %s is 413 before the function hears of it", async (_, body) => {
    let calls = 0;
    const count: Handler = async () => {
      calls++;
      return { statusCode: 200 };
    };
    const { url } = await start({ "POST /positions": count }, {}, { bodies: bodyReader(10, 100) });
    const response = await fetch(`${url}/positions`, { method: "POST", body, duplex: "half" } as RequestInit);
    expect([response.status, calls]).toEqual([413, 0]);
    expect((await fetch(`${url}/positions`, { method: "POST", body: "1234567890" })).status).toBe(200);
  });

  test("all bodies together take no more than their share of memory, and give it back", async () => {
    const { url, host } = await start(
      { "POST /positions": never, "POST /": ok },
      {},
      { bodies: bodyReader(10, 15) },
    );
    const held = fetch(`${url}/positions`, { method: "POST", body: "1234567890" }).catch(() => {});
    await expect.poll(() => host.inFlight).toBe(1);
    const refused = await fetch(url, { method: "POST", body: "1234567890" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
    for (let index = 0; index < 5; index++) {
      expect((await fetch(url, { method: "POST", body: "12345" })).status).toBe(200);
    }
    host.cut();
    await held;
  });

  test("more calls than it takes are 503 at once, while its own paths answer", async () => {
    const { url, host } = await start({ "GET /slow": never, work: never }, { MAX_IN_FLIGHT: "1" });
    const held = fetch(`${url}/slow`).catch(() => {});
    await expect.poll(() => host.inFlight).toBe(1);
    const refused = await fetch(`${url}/slow`);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
    const invoked = await invoke(url, "work");
    expect([invoked.status, invoked.headers.get("x-backtrack-host")]).toEqual([503, "1"]);
    for (const path of ["/_/health", "/_/ready"]) expect((await fetch(`${url}${path}`)).status).toBe(200);
    host.cut();
    await held;
  });

  test("a function has as long as its definition says, knows it, and is given up then", async () => {
    let nowMs = 0;
    let due: { atMs: number; call: () => void }[] = [];
    const time: Time = {
      monotonicMs: () => nowMs,
      after: (milliseconds, call) => {
        const entry = { atMs: nowMs + milliseconds, call };
        due.push(entry);
        return () => {
          due = due.filter((each) => each !== entry);
        };
      },
    };
    const advanceTo = (ms: number): void => {
      nowMs = ms;
      const now = due.filter(({ atMs }) => atMs <= ms);
      due = due.filter((each) => !now.includes(each));
      for (const { call } of now) call();
    };
    const contexts: Context[] = [];
    const patient: Handler = (_, context) => {
      contexts.push(context);
      return never(_, context);
    };
    const overstays: string[] = [];
    const { url, host } = await start(
      { "GET /slow": patient, work: patient },
      {},
      { time, onOverstay: (name) => overstays.push(name) },
    );
    const answers = [fetch(`${url}/slow`), invoke(url, "work")];
    await expect.poll(() => contexts.length).toBe(2);
    nowMs = 29_000;
    expect(contexts[0].getRemainingTimeInMillis()).toBe(1_000);
    advanceTo(30_000);
    const [response, invoked] = await Promise.all(answers);
    expect([response.status, invoked.status, invoked.headers.get("x-amz-function-error")]).toEqual([
      504,
      200,
      "Unhandled",
    ]);
    expect(((await invoked.json()) as { errorType: string }).errorType).toBe("Sandbox.Timedout");
    // They run on, and so take their places.
    expect([host.inFlight, overstays]).toEqual([2, []]);
    advanceTo(60_000);
    expect(overstays).toHaveLength(2);
    // Nobody waits for what was given up.
    await host.close();
  });

  test("finding 5: who holds a connection and does not use it is sent away", async () => {
    const timeLimits = {
      headersMilliseconds: 40,
      requestMilliseconds: 80,
      idleMilliseconds: 40,
      checkMilliseconds: 10,
    };
    const { url } = await start({ "POST /positions": ok }, {}, { timeLimits });
    const saidBefore = (sent: string): Promise<string> =>
      new Promise((resolve) => {
        let said = "";
        const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(sent));
        socket.on("data", (chunk) => {
          said += chunk;
        });
        socket.on("error", () => {});
        socket.on("close", () => resolve(said));
      });
    expect(await saidBefore("GET / HTTP/1.1\r\nHost: x\r\n")).toContain("HTTP/1.1 408 ");
    const half = "POST /positions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc";
    expect(await saidBefore(half)).toMatch(/^HTTP\/1\.1 408 [\s\S]*x-backtrack-host: 1/);
    expect(await saidBefore("rubbish\r\n\r\n")).toContain("HTTP/1.1 400 ");
  });
});

describe("calls with an event", () => {
  test("a function of the group is called as by Lambda's Invoke", async () => {
    const { url } = await start({
      work: async (event) => ({ got: event }),
      quiet: async () => undefined,
      fails: async () => {
        throw Object.assign(new Error("no r1"), { name: "RecordingNotFoundError" });
      },
    });
    const done = await invoke(url, "work", '{"a":1}');
    expect([done.status, await done.json()]).toEqual([200, { got: { a: 1 } }]);
    expect(done.headers.get("x-amz-function-error")).toBeNull();
    expect(await (await invoke(url, "quiet")).text()).toBe("null");
    const failed = await invoke(url, "fails");
    expect([failed.status, failed.headers.get("x-amz-function-error")]).toEqual([200, "Unhandled"]);
    expect(await failed.json()).toMatchObject({ errorType: "RecordingNotFoundError", errorMessage: "no r1" });
    expect((await invoke(url, "work", "{rubbish")).status).toBe(400);
    expect((await invoke(url, "other")).status).toBe(404);
  });

  test.each([
    ["no token", null],
    ["an empty one", ""],
    ["another of the same length", TOKEN.replace("a", "b")],
    ["the beginning of it", TOKEN.slice(0, -1)],
  ])("with %s it is a path that does not exist", async (_, token) => {
    let calls = 0;
    const { url } = await start({ work: async () => calls++ });
    const response = await invoke(url, "work", "{}", token);
    const unknown = await fetch(`${url}/2015-03-31/nothing`, { method: "POST", body: "{}" });
    const answer = async (each: Response) => {
      const {
        instance: _instance,
        detail: _detail,
        ...rest
      } = (await each.json()) as Record<string, unknown>;
      const headers = [...each.headers.keys()].filter((name) => name !== "date");
      return { status: each.status, headers, rest };
    };
    expect(await answer(response)).toEqual(await answer(unknown));
    expect([response.status, calls]).toEqual([404, 0]);
  });

  test("without a token of its own the host lets nobody in", async () => {
    const token = changingSecret(join(secrets, "nowhere"), "backtrack-invoke-token");
    const { url } = await start({ work: ok }, {}, { token });
    for (const given of [TOKEN, "undefined", "", null]) {
      expect((await invoke(url, "work", "{}", given)).status).toBe(404);
    }
  });
});

describe("the end", () => {
  test("retired, it is not ready, starts nothing for the engine, and serves requests on; closed, it ends what it began", async () => {
    const release = Promise.withResolvers<void>();
    const slow: Handler = async () => {
      await release.promise;
      return { statusCode: 200, body: "whole" };
    };
    const { url, host } = await start({ "GET /slow": slow, "GET /devices": ok, work: ok });
    const begun = fetch(`${url}/slow`);
    await expect.poll(() => host.inFlight).toBe(1);
    host.retire();
    expect((await fetch(`${url}/_/ready`)).status).toBe(503);
    expect((await fetch(`${url}/_/health`)).status).toBe(200);
    expect((await invoke(url, "work")).status).toBe(503);
    const served = await fetch(`${url}/devices`);
    expect([served.status, served.headers.get("connection")]).toEqual([200, "close"]);
    let isClosed = false;
    const closing = host.close().then(() => {
      isClosed = true;
    });
    await expect(fetch(`${url}/devices`)).rejects.toThrow();
    expect(isClosed).toBe(false);
    release.resolve();
    expect(await (await begun).text()).toBe("whole");
    await closing;
  });

  test("a port that is taken is the system's error", async () => {
    const { host } = await start({ "GET /": ok });
    await expect(start({ "GET /": ok }, { PORT: String(host.port) })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });
});
