import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { TransportError } from "../../lib/runtime/error-map.ts";
import { type RouteMatch, routeMatcher } from "../../lib/runtime/match-route.ts";
import { isPublicPrefix, PREFIX_HEADER } from "../../lib/runtime/public-prefix.ts";
import { problemAnswer } from "../http/problem-answer.ts";
import { unreadablePathOf } from "../http/unreadable-path.ts";
import { httpEvent } from "../lambda-events/http-event.ts";
import type { Calls, LoadedFunction } from "./hosted-function.ts";
import { type HttpAnswer, httpAnswer, withPublicLocation } from "./http-answer.ts";
import { INVOKE_TOKEN_HEADER } from "./invocation.ts";
import type { HostSettings } from "./settings.ts";

/** A request before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** As it was sent: path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the connection. */
  readonly remoteAddress: string;
}

/** A route of a function that a request asks for. */
export interface HttpCall {
  readonly hosted: LoadedFunction;
  /**
   * Calls the function with the request's body. Never rejects: a failure is a problem, without its reasons.
   */
  answer(body: Uint8Array): Promise<HttpAnswer>;
}

export interface HttpApi {
  /**
   * What a request asks for; an answer where that is none of the functions' matter; undefined: no such route.
   */
  find(head: RequestHead): HttpCall | HttpAnswer | undefined;
}

type Settings = Pick<HostSettings, "publicPrefix" | "trustsForwarded">;

/** The routes of a group's functions, as API Gateway serves them. A HEAD is a GET whose body is not sent. */
export const httpApi = (
  functions: readonly LoadedFunction[],
  calls: Calls,
  settings: Settings,
  onFailure: (functionName: string, error: unknown) => void,
): HttpApi => {
  const owners = new Map<string, LoadedFunction>(
    functions.flatMap((hosted) =>
      (hosted.routes ?? []).map(({ method, path }) => [`${method} ${path}`, hosted] as const),
    ),
  );
  const routes = functions.flatMap((hosted) => hosted.routes ?? []);
  const match = routeMatcher(routes);
  const unreadable = unreadablePathOf(routes.map(({ path }) => path));

  const answerOf = async (
    hosted: LoadedFunction,
    matched: RouteMatch,
    head: RequestHead,
    body: Uint8Array,
  ): Promise<HttpAnswer> => {
    const { headers, prefix, sourceIp } = seenBy(head, settings);
    const event = httpEvent(
      { method: matched.route.method, target: head.target, headers, body, sourceIp },
      {
        routeKey: matched.routeKey,
        pathParameters: matched.pathParameters,
        requestId: randomUUID(),
        nowMs: Date.now(),
      },
    );
    const outcome = await calls.call(hosted, event);
    if (outcome.kind === "timed-out") {
      return problemAnswer(new TransportError("timed-out", "The function did not answer in time."));
    }
    try {
      if (outcome.kind === "failed") throw outcome.error;
      return withPublicLocation(httpAnswer(outcome.result), prefix);
    } catch (error) {
      onFailure(hosted.name, error);
      return problemAnswer(new Error("The function failed.", { cause: error }));
    }
  };

  return {
    find: (given) => {
      const asked = asFirstSent(given);
      const matchOf = ({ method, target }: RequestHead): RouteMatch | undefined =>
        match(method === "HEAD" ? "GET" : method, target.split("?")[0]);
      // A proxy of somebody else's may count other paths.
      const head = asked && matchOf(asked) ? asked : given;
      const refused = unreadable(head.target);
      if (refused) return problemAnswer(refused);
      const matched = matchOf(head);
      const hosted = matched && owners.get(matched.routeKey);
      return hosted && { hosted, answer: (body) => answerOf(hosted, matched, head, body) };
    },
  };
};

/*
 * What proxies say of a request is in headers that anybody can send. So they decide nothing but what the
 * answer shows to whoever sent them: no browser sends them for another site's page, and no cache may keep an
 * answer. The one that could be believed by somebody else, where a request comes from, is not believed unless
 * a setting says so.
 */

/**
 * A gateway of OpenFaaS decodes paths: `/devices/a%23b` arrives as `/devices/a`. A proxy in front of it can
 * say what was asked for (X-Forwarded-Uri), without the prefix that it took away.
 */
const asFirstSent = (head: RequestHead): RequestHead | undefined => {
  const uri = head.headers["x-forwarded-uri"];
  const isOwn = typeof uri === "string" && /^\/(?!\/)[\x21-\x7e]*$/.test(uri);
  return isOwn ? { ...head, target: uri } : undefined;
};

/** What a function sees of a request's headers, the path before its own, and where it comes from. */
const seenBy = ({ headers, remoteAddress }: RequestHead, { publicPrefix, trustsForwarded }: Settings) => {
  const { [INVOKE_TOKEN_HEADER]: _, [PREFIX_HEADER]: given, ...seen } = headers;
  const prefix = prefixIn(given) ?? publicPrefix;
  if (prefix !== "") seen[PREFIX_HEADER] = prefix;
  const host = seen["x-forwarded-host"];
  if (typeof host === "string") seen.host = host;
  // The nearest proxy's view is the last.
  const nearest =
    String(seen["x-forwarded-for"] ?? "")
      .split(",")
      .at(-1)
      ?.trim() ?? "";
  const sourceIp = trustsForwarded && isIP(nearest) > 0 ? nearest : remoteAddress;
  return { headers: seen, prefix, sourceIp };
};

/** A proxy that serves the API at the top says `/`. */
const prefixIn = (given: string | readonly string[] | undefined): string | undefined => {
  if (typeof given !== "string") return undefined;
  const prefix = given.replace(/\/+$/, "");
  return prefix === "" || isPublicPrefix(prefix) ? prefix : undefined;
};
