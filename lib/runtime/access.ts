import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { Scope } from "../core/access/api-key.ts";
import { type AccessPorts, authenticator } from "../core/access/authenticate.ts";
import { ANYBODY, type Caller, checkDevices, prefixRule } from "../core/access/caller.ts";
import { keyInHeaders, type RequestHead } from "../core/access/sent-key.ts";
import { ForbiddenError } from "../core/errors.ts";
import { admit } from "./caller.ts";
import type { AccessMode, FunctionDefinition, Route } from "./definition.ts";
import { decoded } from "./http-input.ts";

type HttpEvent = APIGatewayProxyEventV2;

/** Finds the key in a request to a route. */
export type KeyOf = (head: RequestHead, routeKey: string) => string | undefined;

const headOf = ({ headers, rawQueryString }: HttpEvent): RequestHead => ({
  headers,
  query: (name) => new URLSearchParams(rawQueryString).get(name) ?? undefined,
});

const scopesOf = ({ alsoNeeds }: Route, scope: Scope): readonly Scope[] =>
  alsoNeeds === undefined ? [scope] : [scope, alsoNeeds];

/** Confines a key with a device prefix to its devices. */
const checkPrefix = (caller: Caller, event: HttpEvent, route: Route): void => {
  if (caller.devicePrefix === undefined) return;
  const inPath = event.pathParameters?.deviceId;
  const takesDevice = route.query?.properties.device_id !== undefined;
  const inQuery = takesDevice ? new URLSearchParams(event.rawQueryString).getAll("device_id") : [];
  const named = inPath === undefined ? inQuery : [decoded(inPath)];
  checkDevices(caller, named);
  if (named.length > 0 || route.admitsPrefixedKeys) return;
  const remedy = takesDevice ? "name one with device_id" : "this needs a key for all devices";
  throw new ForbiddenError(`${prefixRule(caller)}; ${remedy}`);
};

/**
 * The middleware that admits a caller whose key has the route's scope, and everybody on public routes and
 * where the environment says `open`. It runs before any part of the request is parsed. Without a valid key
 * the answer is a 401; without the scope, or for somebody else's device, it is a 403; beyond the tenant's
 * limit of requests, a 429. `keyOf` is for routes that take a key elsewhere than in the headers.
 */
export const checkAccess = (
  definition: FunctionDefinition,
  environment: {
    readonly access: () => AccessMode;
    readonly table: (name: "tenants" | "usage") => string;
  },
  ports: AccessPorts,
  keyOf: KeyOf = keyInHeaders,
): MiddlewareObj<HttpEvent, APIGatewayProxyStructuredResultV2> => {
  const routes = new Map((definition.routes ?? []).map((route) => [`${route.method} ${route.path}`, route]));
  const isOpen = environment.access() === "open";
  const authenticate = authenticator(ports);
  const admitRequest = ports.requests?.(environment.table);
  return {
    before: async ({ event }) => {
      const route = routes.get(event.routeKey);
      if (!route || route.access === "public") return;
      const caller = isOpen
        ? ANYBODY
        : await authenticate(keyOf(headOf(event), event.routeKey), ...scopesOf(route, route.access));
      await admitRequest?.(caller.tenant);
      checkPrefix(caller, event, route);
      admit(event, caller);
    },
  };
};
