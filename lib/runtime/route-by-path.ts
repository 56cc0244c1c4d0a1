import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { FunctionDefinition, Route } from "./definition.ts";

type HttpEvent = APIGatewayProxyEventV2;

/** The route key that a function URL gives every request; a gateway would name the route. */
const NO_ROUTE = "$default";

interface PathPattern {
  readonly route: Route;
  readonly segments: readonly string[];
}

/**
 * The middleware that lets a function answer at its own address (a Lambda function URL) as it does behind a
 * gateway. There the event has the gateway's shape, but neither route nor path parameters. Both are derived
 * from method and path; a path that fits no route stays without one, and ends as a 404.
 */
export const routeByPath = ({
  routes = [],
}: FunctionDefinition): MiddlewareObj<HttpEvent, APIGatewayProxyStructuredResultV2> => {
  const patterns = routes.map((route) => ({ route, segments: route.path.split("/") }));
  return {
    before: (request) => {
      if (request.event.routeKey === NO_ROUTE) request.event = routed(request.event, patterns);
    },
  };
};

const routed = (event: HttpEvent, patterns: readonly PathPattern[]): HttpEvent => {
  const { method } = event.requestContext.http;
  const segments = event.rawPath.split("/");
  for (const { route, segments: pattern } of patterns) {
    if (route.method !== method) continue;
    const pathParameters = parametersIn(segments, pattern);
    if (!pathParameters) continue;
    return { ...event, routeKey: `${route.method} ${route.path}`, pathParameters };
  }
  return event;
};

/** The path parameters, still encoded as they were sent; undefined when the path does not fit. */
const parametersIn = (
  segments: readonly string[],
  pattern: readonly string[],
): Record<string, string> | undefined => {
  if (segments.length !== pattern.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const given = segments[index];
    const name = /^\{(\w+)\}$/.exec(expected)?.[1];
    if (name === undefined ? given !== expected : given === "") return undefined;
    if (name !== undefined) parameters[name] = given;
  }
  return parameters;
};
