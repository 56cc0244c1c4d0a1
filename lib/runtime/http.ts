import type { Logger } from "@aws-lambda-powertools/logger";
import middy, { type MiddlewareObj, type Request } from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import type { FunctionDefinition, Route } from "./definition.ts";
import { codeOf, ERROR_MAP, TransportError } from "./error-map.ts";
import { checkContentType, readBody, readParameters, readQuery, readRawBody } from "./http-input.ts";
import { functionLogger } from "./logger.ts";
import { problemOf } from "./problem.ts";

/** A request that has passed its route's schemas. */
export interface HttpRequest<
  Parameters = Record<string, string>,
  Query = Record<string, never>,
  Body = unknown,
> {
  /** Path parameters, decoded. */
  readonly parameters: Parameters;
  /** Query parameters, converted to the types of the route's schema; defaults filled in. */
  readonly query: Query;
  /** Parsed and checked where the route's body has a schema; else the raw bytes. */
  readonly body: Body;
  /** The body as it came, decoded from base64 where the gateway encoded it. */
  readonly rawBody: Uint8Array;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestId: string;
  /** For example `GET /devices/{deviceId}`. */
  readonly routeKey: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Serialised as JSON, unless it is a string or bytes and `contentType` says what it is. */
  readonly body?: unknown;
  /** `application/json` unless told. */
  readonly contentType?: string;
}

/** One function per route key (`GET /devices/{deviceId}`). Each declares the types that its schemas guarantee. */
export type RouteHandlers = Readonly<Record<string, (request: CheckedRequest) => Promise<HttpResponse>>>;

/** Of the types that the route's own schemas guarantee, whatever they are: only the check can make one. */
type CheckedRequest = HttpRequest<never, never, never>;

export type HttpFunction = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Time kept back before the function's own limit, so that a slow request gets an answer and not a cut line. */
const ANSWER_TIME_MS = 200;

type HttpEvent = APIGatewayProxyEventV2;
type HttpResult = APIGatewayProxyStructuredResultV2;

const routeKeyOf = ({ method, path }: Route): string => `${method} ${path}`;

/** The caller's own id where it gives a sane one, else the invocation's, by which the log is found. */
const requestIdOf = (event: HttpEvent, context: Context): string => {
  const given = event.headers?.["x-request-id"];
  return given && /^[\w.:-]{1,128}$/.test(given) ? given : context.awsRequestId;
};

const readRequest = (event: HttpEvent, requestId: string, route: Route): CheckedRequest => {
  const parameters = readParameters(event, route) as never;
  const query = readQuery(event, route) as never;
  checkContentType(event.headers, route);
  const rawBody = readRawBody(event);
  const body = readBody(rawBody, route) as never;
  return { parameters, query, body, rawBody, headers: event.headers, requestId, routeKey: event.routeKey };
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
  const { retryAfterSeconds } = ERROR_MAP[codeOf(error)];
  const body = problemOf(error, requestId);
  const headers: Record<string, string> = retryAfterSeconds
    ? { "retry-after": String(retryAfterSeconds) }
    : {};
  return encode({ status: body.status, headers, body, contentType: "application/problem+json" });
};

const logRequest = (logger: Logger, error: unknown, line: Readonly<Record<string, unknown>>): void => {
  const problem = error ? codeOf(error) : undefined;
  if (problem !== undefined && ERROR_MAP[problem].status >= 500) {
    logger.error("request", { ...line, problem, error: error as Error });
  } else {
    // A caller's mistake is told to the caller; its message may hold a position, so the log gets its kind alone.
    logger.info("request", { ...line, problem });
  }
};

/** What a request keeps from its first middleware to its last. */
interface Started extends Record<string, unknown> {
  startedAtMs: number;
}

type Exchange = Request<HttpEvent, HttpResult, unknown, Context, Started>;

/** What every exchange gets: problems for errors, the request id on the answer, one line in the log. */
const exchange = (logger: Logger): MiddlewareObj<HttpEvent, HttpResult, unknown, Context, Started> => {
  const finish = ({ event, context, response, error, internal }: Exchange): HttpResult => {
    const requestId = requestIdOf(event, context);
    const result = response ?? encodeError(error, requestId);
    const durationMs = Math.round(performance.now() - internal.startedAtMs);
    logRequest(logger, error, { route: event.routeKey, status: result.statusCode, durationMs, requestId });
    return { ...result, headers: { ...result.headers, "x-request-id": requestId } };
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
 * Makes the Lambda handler of an HTTP function. Checks path, query and body against the route's schemas, refuses
 * unknown query parameters, turns errors into problem details (RFC 9457), and gives every response a request id.
 * Logs one line per request: route, status, duration.
 */
export const httpFunction = (definition: FunctionDefinition, routes: RouteHandlers): HttpFunction => {
  const logger = functionLogger(definition);
  const declared = new Map((definition.routes ?? []).map((route) => [routeKeyOf(route), route]));

  const answer = async (event: HttpEvent, context: Context): Promise<HttpResult> => {
    const route = declared.get(event.routeKey);
    const handle = routes[event.routeKey];
    if (!route || !handle) throw new TransportError("no-such-route", `${event.routeKey} is not served here`);
    return encode(await handle(readRequest(event, requestIdOf(event, context), route)));
  };

  return middy<HttpEvent, HttpResult>(answer, {
    timeoutEarlyInMillis: ANSWER_TIME_MS,
  }).use(exchange(logger));
};
