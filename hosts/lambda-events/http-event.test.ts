import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import { sampleEventPaths } from "../../infra/local/invoke/sample-events.ts";
import { routeMatcher } from "../../lib/runtime/match-route.ts";
import { type HttpRequest, httpEvent } from "./http-event.ts";

const match = routeMatcher(MANIFEST.flatMap(({ routes = [] }) => routes));

const samples = MANIFEST.filter(({ routes }) => routes !== undefined)
  .flatMap(({ name }) => sampleEventPaths(name))
  .map((path) => ({
    title: `${basename(dirname(path))}/${basename(path)}`,
    event: JSON.parse(readFileSync(path, "utf8")) as APIGatewayProxyEventV2,
  }))
  // At a function's own address nothing names the route.
  .filter(({ event }) => event.routeKey !== "$default");

/** The request that the gateway had made such an event of. */
const requestOf = (event: APIGatewayProxyEventV2): HttpRequest => ({
  method: event.requestContext.http.method,
  target: event.rawPath + (event.rawQueryString && `?${event.rawQueryString}`),
  headers: event.headers,
  body: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
  sourceIp: event.requestContext.http.sourceIp,
});

const send = (request: Partial<HttpRequest>) =>
  httpEvent(
    { method: "GET", target: "/devices", headers: {}, body: new Uint8Array(), sourceIp: "::1", ...request },
    { routeKey: "GET /devices", pathParameters: {}, requestId: "r", nowMs: 0 },
  );

describe("httpEvent", () => {
  it.each(samples)("makes $title again out of its request", ({ event }) => {
    const { requestContext } = event;
    const matched = match(requestContext.http.method, event.rawPath);
    expect(matched?.routeKey).toBe(event.routeKey);
    const made = httpEvent(requestOf(event), {
      routeKey: matched?.routeKey ?? "",
      pathParameters: matched?.pathParameters ?? {},
      requestId: requestContext.requestId,
      nowMs: requestContext.timeEpoch,
      accountId: requestContext.accountId,
      domainName: requestContext.domainName,
    });
    expect(made).toEqual(event);
  });

  it("joins what was sent more than once, and writes names of headers in lower case", () => {
    const { headers, cookies, queryStringParameters, rawQueryString } = send({
      target: "/devices?a=1&b=x%20y+z&a=2&__proto__=p",
      headers: { "X-One": ["1", "2"], Cookie: "a=1; b=2", Gone: undefined },
    });
    expect(headers).toEqual({ "x-one": "1,2" });
    expect(cookies).toEqual(["a=1", "b=2"]);
    expect(rawQueryString).toBe("a=1&b=x%20y+z&a=2&__proto__=p");
    expect(Object.entries(queryStringParameters ?? {})).toEqual([
      ["a", "1,2"],
      ["b", "x y z"],
      ["__proto__", "p"],
    ]);
  });

  it.each([
    ["text/csv", "a,b", false],
    ["application/json; charset=utf-8", "{}", false],
    ["application/x-ndjson", "{}", true],
    ["application/octet-stream", "x", true],
    ["text/csv", new Uint8Array([0xe9]), true],
  ])("hands on a body of %s as text or as base64", (type, sent, isBase64Encoded) => {
    const bytes = Buffer.from(sent as string);
    const event = send({ headers: { "content-type": type }, body: bytes });
    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(Buffer.from(event.body ?? "", isBase64Encoded ? "base64" : "utf8")).toEqual(bytes);
  });

  it("leaves out what is empty, and keeps a path as it was encoded", () => {
    const event = send({ target: "/devices/a%23b%2Fc?" });
    expect(event.rawPath).toBe("/devices/a%23b%2Fc");
    for (const name of ["body", "cookies", "queryStringParameters", "pathParameters"]) {
      expect(event).not.toHaveProperty(name);
    }
    expect(match("GET", event.rawPath)?.pathParameters).toEqual({ deviceId: "a%23b%2Fc" });
    expect(match("GET", "/devices/")).toBeUndefined();
    expect(match("TRACE", "/devices")).toBeUndefined();
  });
});
