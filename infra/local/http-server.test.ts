import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Answer, type RunningServer, serve } from "./http-server.ts";

const running: RunningServer[] = [];
const start = async (answer: Answer, maximumBodyBytes?: number): Promise<RunningServer> => {
  const server = await serve(answer, { maximumBodyBytes });
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
