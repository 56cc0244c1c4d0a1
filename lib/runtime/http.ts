import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import type { FunctionDefinition } from "./definition.ts";

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
// biome-ignore lint/suspicious/noExplicitAny: the schemas of the definition guarantee what each route declares
export type RouteHandlers = Readonly<
  Record<string, (request: HttpRequest<any, any, any>) => Promise<HttpResponse>>
>;

export type HttpFunction = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Makes the Lambda handler of an HTTP function. Checks path, query and body against the route's schemas, refuses
 * unknown query parameters, turns errors into problem details (RFC 9457), and gives every response a request id.
 */
export const httpFunction = (definition: FunctionDefinition, routes: RouteHandlers): HttpFunction => {
  throw new Error(`${definition.name}: ${Object.keys(routes)}`);
};
