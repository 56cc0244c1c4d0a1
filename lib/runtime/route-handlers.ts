import type { Static, TSchema } from "typebox";
import type { Caller } from "../core/access/caller.ts";
import type { FunctionDefinition, Route } from "./definition.ts";
import type { PathNames } from "./known-fields.ts";

/* The types of a function's handlers, out of the routes of its definition. */

/** For example `GET /devices/{deviceId}`. */
type RouteKey<R extends Route> = R extends Route ? `${R["method"]} ${R["path"]}` : never;

type RouteOf<D extends FunctionDefinition> = NonNullable<D["routes"]>[number];

type ParametersOf<R extends Route> = R extends { readonly parameters: infer Schema extends TSchema }
  ? Readonly<Static<Schema>>
  : Readonly<Record<PathNames<R["path"]>, string>>;

type QueryOf<R extends Route> = R extends { readonly query: infer Schema extends TSchema }
  ? Readonly<Static<Schema>>
  : Readonly<Record<never, never>>;

type BodyOf<R extends Route> = R extends { readonly body: { readonly schema: infer Schema extends TSchema } }
  ? Readonly<Static<Schema>>
  : R extends { readonly body: object }
    ? Uint8Array
    : undefined;

/** A request that has passed its route's schemas. */
export interface HttpRequest<Parameters = object, Query = object, Body = unknown> {
  /** Path parameters, decoded. */
  readonly parameters: Parameters;
  /** Query parameters, converted to the types of the route's schema; defaults filled in. */
  readonly query: Query;
  /**
   * Parsed and checked where the route's body has a schema, else its bytes; undefined where the route takes
   * no body.
   */
  readonly body: Body;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestId: string;
  /** Anybody on a public route, and where the service runs open. */
  readonly caller: Caller;
  /** For example `GET /devices/{deviceId}`. */
  readonly routeKey: string;
}

/** A request as the route's own schemas type it. */
export type RequestOf<R extends Route> = HttpRequest<ParametersOf<R>, QueryOf<R>, BodyOf<R>>;

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Serialised as JSON, unless it is a string or bytes and `contentType` says what it is. */
  readonly body?: unknown;
  /** By default `application/json`. */
  readonly contentType?: string;
}

/** The route with this key. */
type RouteAt<R extends Route, Key> = R extends Route ? (RouteKey<R> extends Key ? R : never) : never;

/** One function for each route of the definition, no fewer and no more. */
export type RouteHandlers<D extends FunctionDefinition> = {
  readonly [Key in RouteKey<RouteOf<D>>]: (
    request: RequestOf<RouteAt<RouteOf<D>, Key>>,
  ) => Promise<HttpResponse>;
};
