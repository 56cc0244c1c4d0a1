import { request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { ANY_CREDENTIALS, authorizationFor, newCredentials } from "../../../engines/server/access-key.ts";
import { TIME_LIMITS, type TimeLimits } from "../../../hosts/http/time-limits.ts";
import { apiGate } from "./api-gate.ts";
import { GatedServer } from "./gated-server.ts";

const servers: GatedServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const credentials = newCredentials();

/** A server behind the gate that answers 200 to whoever gets in. */
const start = async (
  options: { lambda?: boolean; limits?: TimeLimits; hosts?: string[]; origins?: string[] } = {},
) => {
  let port = 0;
  const gate = apiGate({
    get lambdaPort() {
      return options.lambda ? port : -1;
    },
    accessKeyId: credentials.accessKeyId,
    allowedHosts: options.hosts ?? [],
    allowedOrigins: options.origins ?? [],
  });
  const server = new GatedServer(gate, options.limits ?? TIME_LIMITS, {}, (request, response) => {
    request.on("error", () => {});
    request.resume();
    request.on("end", () => response.end("in"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  port = (server.address() as AddressInfo).port;
  return port;
};

const ask = (port: number, method: string, headers: Record<string, string>, body = "") =>
  new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const request = httpRequest(
      { port, host: "127.0.0.1", method, path: "/devices", headers, agent: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });

describe("finding 4: pages of other sites can't use the local API", () => {
  test.each<[string, string, Record<string, string>, number]>([
    ["curl, which sends no Origin", "POST", {}, 200],
    ["curl with a form's type", "POST", { "content-type": "text/plain" }, 200],
    ["a foreign page that reads", "GET", { origin: "https://evil.example" }, 403],
    [
      "a form of a foreign page",
      "POST",
      { origin: "https://evil.example", "content-type": "text/plain" },
      403,
    ],
    ["a foreign page's DELETE", "DELETE", { origin: "https://evil.example" }, 403],
    [
      "its preflight",
      "OPTIONS",
      { origin: "https://evil.example", "access-control-request-method": "DELETE" },
      403,
    ],
    ["a page in a sandbox, or a file", "POST", { origin: "null" }, 403],
    ["a page of another port of this machine", "POST", { origin: "http://localhost:1" }, 403],
    ["an old browser's form of another site", "POST", { "sec-fetch-site": "cross-site" }, 403],
    ["a link on a page of another site", "GET", { "sec-fetch-site": "cross-site" }, 200],
    ["a page that was allowed", "POST", { origin: "https://fleet.example" }, 200],
    ["one whose origin only starts the same", "POST", { origin: "https://fleet.example.evil.example" }, 403],
    ["one by another scheme", "POST", { origin: "http://fleet.example" }, 403],
  ])("%s: %s", async (_, method, headers, status) => {
    const port = await start({ origins: ["https://fleet.example"] });
    const answer = await ask(port, method, headers, method === "POST" ? "{}" : "");
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect(answer.headers).toMatchObject({
      "cache-control": "no-store",
      "content-type": "application/problem+json",
    });
    expect(JSON.parse(answer.text)).toMatchObject({ status, type: "urn:backtrack:problem:foreign-origin" });
  });

  test("the API's own pages may", async () => {
    const port = await start();
    const host = `localhost:${port}`;
    expect((await ask(port, "POST", { host, origin: `http://${host}` })).status).toBe(200);
    expect((await ask(port, "POST", { host, origin: `https://${host}` })).status).toBe(403);
  });
});

describe("finding 4: a name that resolves to this machine is not this machine's", () => {
  test.each([
    ["127.0.0.1:3000", 200],
    ["localhost", 200],
    ["LOCALHOST:8080", 200],
    ["[::1]:3000", 200],
    ["backtrack.test:3000", 200],
    ["evil.example", 421],
    ["localhost.evil.example:3000", 421],
    ["127.0.0.1.evil.example", 421],
    ["evil.example@localhost", 421],
    ["localhost/evil", 421],
  ])("Host %s: %d", async (host, status) => {
    const port = await start({ hosts: ["backtrack.test"] });
    const answer = await ask(port, "GET", { host });
    expect(answer.status).toBe(status);
    // Even where it has made itself the same origin.
    if (status === 421)
      expect((await ask(port, "POST", { host, origin: `http://${host}` })).status).toBe(421);
  });
});

describe("finding 4: the Lambda endpoint is for those who know the access key", () => {
  test.each<[string, Record<string, string>, number]>([
    ["nothing", {}, 403],
    ["the SDK's usual stand-in", { authorization: authorizationFor(ANY_CREDENTIALS) }, 403],
    ["another start's", { authorization: authorizationFor(newCredentials()) }, 403],
    [
      "its beginning",
      { authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId.slice(0, -1)}/x` },
      403,
    ],
    ["the key", { authorization: authorizationFor(credentials) }, 200],
  ])("%s", async (_, headers, status) => {
    const port = await start({ lambda: true });
    expect((await ask(port, "POST", headers, "{}")).status).toBe(status);
  });
});

describe("finding 5: a connection that is held and not used is closed", () => {
  const limits = {
    headersMilliseconds: 40,
    requestMilliseconds: 80,
    idleMilliseconds: 40,
    checkMilliseconds: 10,
  };

  /** What the server said until it closed the connection; rejects when it never does. */
  const heldUntil = (port: number, sent: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1" });
      let received = "";
      const late = setTimeout(() => reject(new Error("it was never closed")), 5_000);
      socket.setEncoding("utf8").on("data", (text) => {
        received += text;
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        clearTimeout(late);
        resolve(received);
      });
      if (sent) socket.write(sent);
    });

  test.each<[string, string, RegExp]>([
    ["one that says nothing", "", /^(HTTP\/1.1 408|$)/],
    ["headers that never end", "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n", /^HTTP\/1.1 408/],
    [
      "a body that never ends",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc",
      /^HTTP\/1.1 408/,
    ],
    ["one that was answered and asks no more", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", /^HTTP\/1.1 200/],
    [
      "a refused one whose body never ends",
      "POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 9\r\n\r\nabc",
      /^HTTP\/1.1 421/,
    ],
    [
      "an address of 20 KB",
      `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      /^HTTP\/1.1 431 [\s\S]*"type":"urn:backtrack:problem:headers-too-large"/,
    ],
    ["what is not HTTP", "hello\r\n\r\n", /^HTTP\/1.1 400 [\s\S]*application\/problem\+json/],
  ])("%s", async (_, sent, received) => {
    expect(await heldUntil(await start({ limits }), sent)).toMatch(received);
  });
});
