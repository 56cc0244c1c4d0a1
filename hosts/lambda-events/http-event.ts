import { isUtf8 } from "node:buffer";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { ACCOUNT } from "./stand-ins.ts";

/** A request as a plain HTTP server reads it. */
export interface HttpRequest {
  readonly method: string;
  /** As it was sent, percent-encoding and all: `/devices/a%23b/track?limit=10`. */
  readonly target: string;
  /** A list is a header that was sent more than once. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
  readonly sourceIp: string;
}

export interface HttpOrigin {
  /** The route that the request matches, by lib/runtime/match-route.ts. */
  readonly routeKey: string;
  /** Still encoded, as handlers decode them. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly nowMs: number;
  readonly accountId?: string;
  readonly domainName?: string;
}

/** What API Gateway's HTTP API passes to a function as text; every other body is sent as base64. */
export const TEXT_CONTENT_TYPE = /^(text\/|application\/(json|javascript|xml)\b)/i;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The event that API Gateway's HTTP API makes of a request (payload format 2.0), field by field. */
export const httpEvent = (request: HttpRequest, origin: HttpOrigin): APIGatewayProxyEventV2 => {
  const { method, target, body, sourceIp } = request;
  const { routeKey, pathParameters, requestId, nowMs, accountId = ACCOUNT } = origin;
  const queryAt = target.indexOf("?");
  const rawPath = queryAt < 0 ? target : target.slice(0, queryAt);
  const rawQueryString = queryAt < 0 ? "" : target.slice(queryAt + 1);
  const { cookie, ...headers } = joinedHeaders(request.headers);
  const cookies = cookie?.split("; ");
  const query = joinedQuery(rawQueryString);
  const domainName = origin.domainName ?? headers.host ?? "localhost";
  const [domainPrefix] = domainName.split(/[.:]/);
  const isText = TEXT_CONTENT_TYPE.test(headers["content-type"] ?? "application/json") && isUtf8(body);
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString,
    ...(cookies && { cookies }),
    headers,
    ...(query && { queryStringParameters: query }),
    requestContext: {
      accountId,
      apiId: domainPrefix,
      domainName,
      domainPrefix,
      http: {
        method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey,
      stage: "$default",
      time: logTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters: { ...pathParameters } }),
    ...(body.length > 0 && { body: Buffer.from(body).toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
};

/**
 * Names in lower case; a header that was sent more than once is joined by commas, and cookies are one list.
 */
const joinedHeaders = (headers: HttpRequest["headers"]): Record<string, string> => {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const key = name.toLowerCase();
    const separator = key === "cookie" ? "; " : ",";
    const text = typeof value === "string" ? value : value.join(separator);
    joined[key] = Object.hasOwn(joined, key) ? `${joined[key]}${separator}${text}` : text;
  }
  return joined;
};

/** Decoded; a parameter that was sent more than once is joined by commas. */
const joinedQuery = (rawQueryString: string): Record<string, string> | undefined => {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return values.size > 0 ? Object.fromEntries(values) : undefined;
};

/** `20/Nov/2026:12:00:00 +0000` */
const logTime = (nowMs: number): string => {
  const [date, time] = new Date(nowMs).toISOString().split("T");
  const [year, month, day] = date.split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
};
