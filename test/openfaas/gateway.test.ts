import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { answerKind } from "../../engines/functions/answer-kind.ts";
import { type StandIn, startGateway, startWatchdog } from "./gateway.ts";
import { type Situation, WHO_ANSWERS } from "./who-answers.ts";

const running: StandIn[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});

const keep = async <Each extends StandIn>(starting: Promise<Each>): Promise<Each> => {
  const each = await starting;
  running.push(each);
  return each;
};

/** The server of a function. */
const child = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  running.push({
    url,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
  return url;
};

const echo: RequestListener = async (request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(
    JSON.stringify({ target: request.url, body: await textOf(request), headers: request.headers }),
  );
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
};

const NEVER: RequestListener = () => {};
const DIES: RequestListener = (request) => request.socket.destroy();
/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:1";

/** What each situation takes; the address of the gateway's function `f`, asked once. */
const SITUATIONS: Readonly<Record<Situation, () => Promise<Response>>> = {
  "unknown function": async () => fetch(`${(await keep(startGateway())).url}/function/g`),
  "function refuses connections": () => askThrough({ f: NOWHERE }),
  "connection reset behind the gateway": async () => askThrough({ f: await child(DIES) }),
  "child refuses connections": () => askWatched(NOWHERE),
  "child dies": async () => askWatched(await child(DIES)),
  "exec_timeout is over": async () => askWatched(await child(NEVER), { execTimeoutMilliseconds: 10 }),
  "write_timeout is over": async () => askWatched(await child(NEVER), { writeTimeoutMilliseconds: 10 }),
  "gateway's timeout is over": async () => askThrough({ f: await child(NEVER) }, 10),
  "max_inflight is reached": async () => {
    const entered = Promise.withResolvers<void>();
    const functionUrl = await child(() => entered.resolve());
    const { url } = await keep(startWatchdog({ functionUrl, maximumInFlight: 1 }));
    const gateway = await keep(startGateway({ functions: { f: url } }));
    fetch(`${gateway.url}/function/f`).catch(() => {});
    await entered.promise;
    return fetch(`${gateway.url}/function/f`);
  },
};

const askThrough = async (functions: Record<string, string>, timeoutMilliseconds?: number) => {
  const gateway = await keep(
    startGateway({ functions, ...(timeoutMilliseconds && { timeoutMilliseconds }) }),
  );
  return fetch(`${gateway.url}/function/f`);
};

const askWatched = async (functionUrl: string, options: object = {}) => {
  const { url } = await keep(startWatchdog({ functionUrl, ...options }));
  return askThrough({ f: url });
};

describe("who answers when a function does not", () => {
  test.each(WHO_ANSWERS)("$situation: $status by $answeredBy", async (row) => {
    const response = await SITUATIONS[row.situation]();
    await response.arrayBuffer();
    const answeredBy = response.headers.get("x-openfaas-internal") ?? undefined;
    expect({ status: response.status, answeredBy }).toEqual({
      status: row.status,
      answeredBy: row.answeredBy,
    });
    expect(answerKind(response.status, answeredBy)).toBe(row.kind);
  });
});

describe("what a gateway makes of a request", () => {
  test.each([
    ["/devices/van", "/devices/van"],
    ["", "/"],
    ["/devices/a%23b?limit=1", "/devices/a?limit=1"],
    ["/devices/a%3Fb", "/devices/a?b"],
    ["/devices/a%2Fb", "/devices/a/b"],
    ["/devices/a%20b", "/devices/a%20b"],
    ["/devices?cursor=a%2Fb", "/devices?cursor=a%2Fb"],
  ])("%s arrives as %s", async (asked, arrives) => {
    const gateway = await keep(startGateway({ functions: { f: await child(echo) } }));
    const response = await fetch(`${gateway.url}/function/f${asked}`);
    expect(((await response.json()) as { target: string }).target).toBe(arrives);
  });

  test("it says where the request came from, unless the client says so itself; bodies pass as they are", async () => {
    const gateway = await keep(startGateway({ functions: { f: await child(echo) } }));
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const ask = async (headers: Record<string, string>) => {
      const url = `${gateway.url}/function/f/x`;
      const response = await fetch(url, { method: "POST", body: bytes, headers });
      return (await response.json()) as { body: string; headers: Record<string, string> };
    };
    const { body, headers } = await ask({});
    expect(Buffer.from(body, "latin1").equals(bytes)).toBe(true);
    expect(headers["x-forwarded-host"]).toBe(new URL(gateway.url).host);
    expect(headers["x-forwarded-for"]).toMatch(/^127\.0\.0\.1:\d+$/);
    expect((await ask({ "x-forwarded-for": "6.6.6.6" })).headers["x-forwarded-for"]).toBe("6.6.6.6");
  });

  test("a watchdog says that it is healthy when its child is gone", async () => {
    const { url } = await keep(startWatchdog({ functionUrl: NOWHERE }));
    expect((await fetch(`${url}/_/health`)).status).toBe(200);
  });
});
