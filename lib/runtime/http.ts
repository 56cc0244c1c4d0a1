import type { Logger } from "@aws-lambda-powertools/logger";
import middy, { type MiddlewareObj, type Request } from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { ANYBODY } from "../core/access/caller.ts";
import { withoutKeys } from "../core/access/key-text.ts";
import { DEFAULT_TENANT } from "../core/tenant/tenant-id.ts";
import { callerOf, findCaller } from "./caller.ts";
import type { FunctionDefinition, Route } from "./definition.ts";
import { codeOf, ERROR_MAP, retryAfterOf, TransportError } from "./error-map.ts";
import { checkContentType, readBody, readParameters, readQuery, readRawBody } from "./http-input.ts";
import { functionLogger } from "./logger.ts";
import { REQUESTS_FAILED } from "./metric-names.ts";
import { type FunctionMetrics, functionMetrics } from "./metrics.ts";
import { problemOf } from "./problem.ts";
import { routeByPath } from "./route-by-path.ts";
import type { HttpRequest, HttpResponse, RouteHandlers } from "./route-handlers.ts";
import { SAFE_HEADERS } from "./safe-headers.ts";
import { type Sampling, samplingOf } from "./sampling.ts";

/** Has the types that the route's own schemas guarantee, whatever they are: only the check can make one. */
type CheckedRequest = HttpRequest<never, never, never>;
type Handle = (request: CheckedRequest) => Promise<HttpResponse>;

export interface HttpFunction {
  (event: HttpEvent, context: Context): Promise<HttpResult>;
  /** Adds a middleware after those that every function has, and returns the function. */
  use(middleware: MiddlewareObj<HttpEvent, HttpResult>): HttpFunction;
}

/**
 * Time reserved before the function's own limit, so that a slow request gets an answer and not a broken
 * connection.
 */
const ANSWER_TIME_MS = 200;

type HttpEvent = APIGatewayProxyEventV2;
type HttpResult = APIGatewayProxyStructuredResultV2;

const routeKeyOf = ({ method, path }: Route): string => `${method} ${path}`;

/** The caller's own id if it sent a valid one, else the invocation's, by which the log is found. */
const requestIdOf = (event: HttpEvent, context: Context): string => {
  const given = event.headers?.["x-request-id"];
  const isSane = given && /^[\w.:-]{1,128}$/.test(given) && withoutKeys(given) === given;
  return isSane ? given : context.awsRequestId;
};

const readRequest = (event: HttpEvent, requestId: string, route: Route): CheckedRequest => {
  const caller = route.access === "public" ? ANYBODY : callerOf(event);
  const parameters = readParameters(event, route) as never;
  const query = readQuery(event, route) as never;
  checkContentType(event.headers, route);
  const body = readBody(readRawBody(event, route), route) as never;
  const { headers, routeKey } = event;
  return { parameters, query, body, headers, requestId, caller, routeKey };
};

/** Without the path, which may name a device or contain a key. */
const notServed = ({ routeKey }: HttpEvent): TransportError => {
  const asked = routeKey.startsWith("$") ? "this address" : routeKey;
  return new TransportError("no-such-route", `${asked} is not served here`);
};

const encode = ({ status, headers, body, contentType }: HttpResponse): HttpResult => {
  if (body === undefined) return { statusCode: status, headers: { ...headers } };
  const typed = { ...headers, "content-type": contentType ?? "application/json" };
  if (body instanceof Uint8Array) {
    return {
      statusCode: status,
      headers: typed,
      body: Buffer.from(body).toString("base64"),
      isBase64Encoded: true,
    };
  }
  const verbatim = typeof body === "string" && contentType !== undefined;
  return { statusCode: status, headers: typed, body: verbatim ? body : JSON.stringify(body) };
};

const encodeError = (error: unknown, requestId: string): HttpResult => {
  const { challenge } = ERROR_MAP[codeOf(error)];
  const retryAfterSeconds = retryAfterOf(error);
  const body = problemOf(error, requestId);
  const headers = {
    ...(retryAfterSeconds && { "retry-after": String(retryAfterSeconds) }),
    ...(challenge && { "www-authenticate": challenge }),
  };
  return encode({ status: body.status, headers, body, contentType: "application/problem+json" });
};

const logRequest = (logger: Logger, error: unknown, line: Readonly<Record<string, unknown>>): void => {
  const problem = error ? codeOf(error) : undefined;
  if (problem !== undefined && ERROR_MAP[problem].status >= 500) {
    logger.error("request", { ...line, problem, error: error as Error });
  } else {
    // A caller's mistake is for the caller to read; its message may hold a position, so only its kind is
    // logged.
    logger.info("request", { ...line, problem });
  }
};

/** What a request keeps from its first middleware to its last. */
interface Started extends Record<string, unknown> {
  startedAtMs: number;
}

type Exchange = Request<HttpEvent, HttpResult, unknown, Context, Started>;

/**
 * What every exchange gets: problem details for errors, the request id on the response, one line in the log.
 * An exchange that succeeded may be left out of the log; one that failed never is.
 */
const exchange = (
  logger: Logger,
  metrics: FunctionMetrics,
  logsGoodCall: Sampling,
): MiddlewareObj<HttpEvent, HttpResult, unknown, Context, Started> => {
  const finish = ({ event, context, response, error, internal }: Exchange): HttpResult => {
    const requestId = requestIdOf(event, context);
    const result = response ?? encodeError(error, requestId);
    const durationMs = Math.round(performance.now() - internal.startedAtMs);
    const caller = findCaller(event);
    const { keyId } = caller ?? {};
    const tenant = caller?.tenant === DEFAULT_TENANT ? undefined : caller?.tenant;
    const { statusCode: status } = result;
    // The gateway's own id is in its access log, which can't know who called.
    const gatewayRequestId = event.requestContext.requestId;
    const line = { route: event.routeKey, status, durationMs, requestId, gatewayRequestId, keyId, tenant };
    // Sampled by the invocation's id, which no caller can choose.
    const isGood = !error && (status ?? 200) < 400;
    if (!isGood || logsGoodCall(context.awsRequestId)) logRequest(logger, error, line);
    // To Lambda a response of 500 is a success: nothing else counts it by function.
    if (status !== undefined && status >= 500) metrics.count({ [REQUESTS_FAILED]: 1 });
    return { ...result, headers: { ...SAFE_HEADERS, ...result.headers, "x-request-id": requestId } };
  };
  return {
    before: ({ internal }) => {
      internal.startedAtMs = performance.now();
    },
    after: finish,
    onError: finish,
  };
};

/**
 * Makes the Lambda handler of an HTTP function. Checks path, query and body against the route's schemas,
 * refuses unknown query parameters, turns errors into problem details (RFC 9457), and gives every response a
 * request id. Logs one line per request, or for a sample of those that succeed: route, status, duration, and
 * who called. A route that is not public needs the middleware `checkAccess`; without it nobody is admitted.
 */
export const httpFunction = <D extends FunctionDefinition & { readonly routes: readonly Route[] }>(
  definition: D,
  routes: RouteHandlers<D>,
  logsGoodCall: Sampling = samplingOf(definition),
): HttpFunction => {
  const logger = functionLogger(definition);
  const declared = new Map<string, Route>(definition.routes.map((route) => [routeKeyOf(route), route]));
  const handlers = new Map<string, Handle>(Object.entries(routes));

  const answer = async (event: HttpEvent, context: Context): Promise<HttpResult> => {
    const route = declared.get(event.routeKey);
    const handle = handlers.get(event.routeKey);
    if (!route || !handle) throw notServed(event);
    return encode(await handle(readRequest(event, requestIdOf(event, context), route)));
  };

  return middy<HttpEvent, HttpResult>(answer, {
    timeoutEarlyInMillis: ANSWER_TIME_MS,
  })
    .use(routeByPath(definition))
    .use(exchange(logger, functionMetrics(definition), logsGoodCall));
};
