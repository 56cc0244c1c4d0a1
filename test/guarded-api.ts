import * as Type from "typebox";
import { keySecrets } from "../lib/adapters/key-secrets.ts";
import { memoryApiKeyStore } from "../lib/adapters/memory/api-key-store.ts";
import type { ApiKeyStore } from "../lib/core/access/api-key.ts";
import type { AccessPorts } from "../lib/core/access/authenticate.ts";
import { createKey, type KeyRequest } from "../lib/core/access/create-key.ts";
import { keyInHeaders } from "../lib/core/access/sent-key.ts";
import { protocolOf } from "../lib/protocols/registry.ts";
import { checkAccess } from "../lib/runtime/access.ts";
import { ACCESS_VARIABLE, defineFunction } from "../lib/runtime/definition.ts";
import { readEnvironment } from "../lib/runtime/environment.ts";
import { httpFunction } from "../lib/runtime/http.ts";
import type { HttpRequest, HttpResponse } from "../lib/runtime/route-handlers.ts";
import { atOwnAddress, call, type HttpEventOptions, httpEvent, lambdaContext } from "./http-event.ts";

/* A function with a route for every kind of access, whose handlers return the caller. */

export const INGEST = "POST /devices/{deviceId}/positions";
export const READ = "GET /devices/{deviceId}";
export const LIST = "GET /devices";
export const CONTROL = "POST /recordings";
export const PUBLIC = "GET /healthz";
/** Its handler enforces a key's device prefix itself. */
export const TASK = "GET /tasks/{taskId}";
/** Changes something, and shows what only the scope `read` opens. */
export const CONTROL_AND_READ = "POST /shares";
/** Takes a device in the query, optionally. */
export const COURSE = "GET /gps_state";

const base = { summary: "", tag: "test", responses: {} };

export const GUARDED = defineFunction({
  name: "do-all",
  description: "",
  memoryMegabytes: 128,
  timeoutSeconds: 5,
  routes: [
    { ...base, method: "POST", path: "/devices/{deviceId}/positions", access: "ingest" },
    { ...base, method: "GET", path: "/devices/{deviceId}", access: "read" },
    { ...base, method: "GET", path: "/devices", access: "read" },
    { ...base, method: "POST", path: "/recordings", access: "control" },
    { ...base, method: "POST", path: "/shares", access: "control", alsoNeeds: "read" },
    { ...base, method: "GET", path: "/healthz", access: "public" },
    { ...base, method: "GET", path: "/tasks/{taskId}", access: "read", admitsPrefixedKeys: true },
    {
      ...base,
      method: "GET",
      path: "/gps_state",
      access: "read",
      query: Type.Object({ device_id: Type.Optional(Type.String()) }),
    },
  ],
});

/** One handler for all routes of GUARDED. */
export const onEveryRoute = (handle: (request: HttpRequest) => Promise<HttpResponse>) => ({
  [INGEST]: handle,
  [READ]: handle,
  [LIST]: handle,
  [CONTROL]: handle,
  [CONTROL_AND_READ]: handle,
  [PUBLIC]: handle,
  [TASK]: handle,
  [COURSE]: handle,
});

export const NOW_MS = Date.UTC(2026, 10, 20, 12);
const now = () => NOW_MS;

/** The function with the middleware, as `ACCESS` says, and its keys. */
export const guardedApi = ({
  access = "keys",
  keys = memoryApiKeyStore(),
  requests,
}: {
  access?: string;
  keys?: ApiKeyStore;
  requests?: AccessPorts["requests"];
} = {}) => {
  const handled: HttpRequest[] = [];
  const handle = async (request: HttpRequest) => {
    handled.push(request);
    return { status: 200, body: request.caller };
  };
  const environment = readEnvironment(GUARDED, {
    KEYS_TABLE: "keys",
    TENANTS_TABLE: "tenants",
    USAGE_TABLE: "usage",
    [ACCESS_VARIABLE]: access,
  });
  const ports = { keys, secrets: keySecrets, now, ...(requests && { requests }) };
  const guarded = httpFunction(GUARDED, onEveryRoute(handle)).use(
    checkAccess(GUARDED, environment, ports, (head, routeKey) =>
      routeKey === INGEST ? protocolOf(routeKey).credentials(head) : keyInHeaders(head),
    ),
  );
  return {
    keys,
    /** Requests that reached a handler. */
    handled,
    newKey: (request: Partial<KeyRequest> = {}) =>
      createKey(ports, { name: "test", scopes: ["ingest", "read", "control"], ...request }),
    /** Calls the function at its own URL, without a gateway. */
    askDirectly: async (method: string, path: string, options: HttpEventOptions = {}) => {
      const event = atOwnAddress(httpEvent(`${method} ${path}`, options));
      const { statusCode, body } = await guarded(event, lambdaContext());
      return { status: statusCode, json: JSON.parse(body ?? "null") };
    },
    ask: (routeKey: string, options: HttpEventOptions = {}) =>
      call(guarded, routeKey, { path: { deviceId: "van-7", taskId: "t" }, ...options }),
  };
};

export const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
