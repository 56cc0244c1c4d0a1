import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ANY_CREDENTIALS, authorizationFor, newCredentials } from "./access-key.ts";
import { type Answer, type RunningServer, type ServeOptions, serve } from "./http-server.ts";

const running: RunningServer[] = [];
const start = async (
  answer: Answer,
  maximumBodyBytes?: number,
  options: ServeOptions = {},
): Promise<RunningServer> => {
  const server = await serve(answer, { maximumBodyBytes, ...options });
  running.push(server);
  return server;
};
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

const echo: Answer = async ({ method, url, body }) => ({
  status: 200,
  headers: { "content-type": "text/plain" },
  body: `${method} ${url} ${body.length}`,
});

const postHttp2 = (endpoint: string, body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const session = connectHttp2(endpoint);
    session.on("error", reject);
    const stream = session.request({ ":method": "POST", ":path": "/two" });
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      session.close();
      resolve(Buffer.concat(chunks).toString());
    });
    stream.end(body);
  });

describe("serve", () => {
  it("speaks HTTP/1.1 and HTTP/2 on one port, on the loopback only", async () => {
    const { endpoint } = await start(echo);
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const response = await fetch(`${endpoint}/one`, { method: "POST", body: "x".repeat(100_000) });
    expect(await response.text()).toBe("POST /one 100000");
    expect(await postHttp2(endpoint, "y".repeat(100_000))).toBe("POST /two 100000");
  });

  it("goes on serving when clients vanish in the middle of a request or before its answer", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = () => {};
    const reached = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const { endpoint } = await start(async (request) => {
      if (request.url === "/slow") {
        entered();
        await held;
      }
      return echo(request);
    });
    const port = Number(new URL(endpoint).port);

    const half = connect(port, "127.0.0.1");
    half.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc", () => half.destroy());
    const session = connectHttp2(endpoint);
    session.on("error", () => {});
    const stream = session.request({ ":method": "POST", ":path": "/slow" });
    stream.on("error", () => {});
    stream.end("abc");
    await reached;
    session.destroy();
    release();

    expect(await (await fetch(`${endpoint}/after`)).text()).toBe("GET /after 0");
  });

  it("answers 413 to a body that is too large and 500 to a failure", async () => {
    const { endpoint } = await start(async () => {
      throw new Error("broken");
    }, 10);
    expect((await fetch(endpoint, { method: "POST", body: "12345678901" })).status).toBe(413);
    const failed = await fetch(endpoint, { method: "POST", body: "1" });
    expect([failed.status, await failed.text()]).toEqual([500, "Error: broken"]);
  });

  it("says when the port is taken, and closes with clients still connected", async () => {
    const server = await start(echo);
    await fetch(server.endpoint);
    await expect(serve(echo, { port: Number(new URL(server.endpoint).port) })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    await server.close();
    await server.close();
    await expect(fetch(server.endpoint)).rejects.toThrow();
  });
});

describe("an engine serves those who name its access key, and reads nothing of anybody else", () => {
  const credentials = newCredentials();

  it.each<[string, Record<string, string>, number]>([
    ["no Authorization", {}, 403],
    ["the stand-in that every example uses", { authorization: authorizationFor(ANY_CREDENTIALS) }, 403],
    ["another start's key", { authorization: authorizationFor(newCredentials()) }, 403],
    ["its own", { authorization: authorizationFor(credentials) }, 200],
  ])("%s", async (_, headers, status) => {
    let asked = 0;
    const answer: Answer = async (request) => {
      asked++;
      return echo(request);
    };
    const { endpoint } = await start(answer, undefined, { accessKeyId: credentials.accessKeyId });
    const response = await fetch(endpoint, { method: "POST", body: "x", headers });
    expect(response.status).toBe(status);
    expect(asked).toBe(status === 200 ? 1 : 0);
    if (status === 403)
      expect(await response.json()).toMatchObject({ __type: "UnrecognizedClientException" });
  });

  it("every start has another key", () => {
    const ids = Array.from({ length: 100 }, () => newCredentials().accessKeyId);
    expect(new Set(ids).size).toBe(100);
    expect(ids[0]).toMatch(/^LOCAL[0-9A-F]{32}$/);
  });
});

describe("finding 5: an engine closes connections that are held and not used", () => {
  const timeLimits = {
    headersMilliseconds: 40,
    requestMilliseconds: 80,
    idleMilliseconds: 40,
    checkMilliseconds: 10,
  };

  const untilSentAway = async (endpoint: string, sent: string): Promise<void> => {
    const socket = connect(Number(new URL(endpoint).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.resume();
    if (sent) socket.write(sent);
    await new Promise((closed) => socket.on("close", closed));
  };

  it.each([
    ["says nothing", ""],
    ["never ends its headers", "GET / HTTP/1.1\r\nHost: localhost\r\n"],
    ["never ends its body", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"],
    ["asks no more", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["asks for HTTP/2 and then nothing", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ])("whoever %s", async (_, sent) => {
    const { endpoint } = await start(echo, undefined, { timeLimits });
    await untilSentAway(endpoint, sent);
  });

  it("but not one whose answer takes its time, over HTTP/2 either", async () => {
    const { endpoint: other } = await start(echo, undefined, { timeLimits });
    const slow: Answer = async (request) => {
      // Longer than any of the time limits: three after one another say nothing, and are sent away.
      for (let silent = 0; silent < 3; silent++) await untilSentAway(other, "");
      return echo(request);
    };
    const { endpoint } = await start(slow, undefined, { timeLimits });
    expect(await postHttp2(endpoint, "x")).toBe("POST /two 1");
    expect((await fetch(endpoint)).status).toBe(200);
  });
});
