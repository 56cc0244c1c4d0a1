import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { httpEvent as hostedEvent } from "../hosts/lambda-events/http-event.ts";
import { ANYBODY, type Caller } from "../lib/core/access/caller.ts";
import { admit } from "../lib/runtime/caller.ts";

export interface HttpEventOptions {
  readonly path?: Readonly<Record<string, string>>;
  /** A list repeats the parameter. */
  readonly query?: Readonly<Record<string, string | number | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes are sent unchanged; anything else as JSON. */
  readonly body?: unknown;
  /** The caller that the access check found; ANYBODY by default. */
  /** ANYBODY in what it leaves out. */
  readonly caller?: Partial<Caller>;
}

const queryPairs = (query: HttpEventOptions["query"]): [string, string][] =>
  Object.entries(query ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
  );

const bytesOf = (body: unknown): Uint8Array => {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === "string" ? body : (JSON.stringify(body) ?? ""));
};

/**
 * An event as API Gateway's HTTP API sends it (payload version 2.0), for `GET /devices/{deviceId}` and such.
 */
export const httpEvent = (routeKey: string, options: HttpEventOptions = {}): APIGatewayProxyEventV2 => {
  const [method, template] = routeKey.split(" ");
  const rawPath = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(options.path?.[name] ?? ""),
  );
  const query = new URLSearchParams(queryPairs(options.query)).toString();
  const event = hostedEvent(
    {
      method,
      target: query === "" ? rawPath : `${rawPath}?${query}`,
      headers: { accept: "*/*", host: "localhost:3000", ...options.headers },
      body: bytesOf(options.body),
      sourceIp: "192.0.2.1",
    },
    {
      routeKey,
      pathParameters: options.path ?? {},
      requestId: "gateway-request-id",
      nowMs: 1_795_176_000_000,
      accountId: "123456789012",
      domainName: "api-id.execute-api.eu-west-1.amazonaws.com",
    },
  );
  // As the access middleware does it, which deployed handlers have.
  admit(event, { ...ANYBODY, ...options.caller });
  return event;
};

/**
 * The same request at the function's own URL: Lambda names no route there, and takes no parameters from the
 * path.
 */
export const atOwnAddress = (event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 => {
  const { pathParameters: _, ...rest } = event;
  const requestContext = { ...rest.requestContext, accountId: "anonymous", routeKey: "$default" };
  return { ...rest, routeKey: "$default", requestContext };
};

/** The parts of an invocation's context that handlers read. */
export const lambdaContext = (options: { readonly remainingMs?: () => number } = {}): Context => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: "function-under-test",
  functionVersion: "$LATEST",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:function-under-test",
  memoryLimitInMB: "128",
  awsRequestId: "00000000-0000-4000-8000-000000000001",
  logGroupName: "/aws/lambda/function-under-test",
  logStreamName: "2026/11/20/[$LATEST]0",
  getRemainingTimeInMillis: options.remainingMs ?? (() => 30_000),
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
});

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | boolean>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came back
  readonly json: any;
}

/** Calls an HTTP handler as the gateway does and reads its answer. */
export const call = async (
  handler: (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>,
  routeKey: string,
  options: HttpEventOptions = {},
): Promise<HttpAnswer> => {
  const result = (await handler(httpEvent(routeKey, options), lambdaContext())) as {
    statusCode: number;
    headers?: Record<string, string>;
    body?: string;
    isBase64Encoded?: boolean;
  };
  const text = Buffer.from(result.body ?? "", result.isBase64Encoded ? "base64" : "utf8").toString();
  const headers = result.headers ?? {};
  const json = String(headers["content-type"] ?? "").includes("json") ? JSON.parse(text) : undefined;
  return { status: result.statusCode, headers, text, json };
};
