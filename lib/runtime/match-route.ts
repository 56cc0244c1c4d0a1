import type { Route } from "./definition.ts";

/** A route that fits a request, and what its path says. */
export interface RouteMatch {
  readonly route: Pick<Route, "method" | "path">;
  /** Of the API Gateway's kind: `GET /devices/{deviceId}`. */
  readonly routeKey: string;
  /** Still encoded, as they were sent. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the route of a request by its method and path: of several that fit, the one with the fewest
 * parameters.
 */
export const routeMatcher = (routes: readonly Pick<Route, "method" | "path">[]) => {
  const patterns = routes
    .map((route) => ({ route, segments: route.path.split("/") }))
    .sort((one, other) => parameterCount(one.segments) - parameterCount(other.segments));
  return (method: string, path: string): RouteMatch | undefined => {
    const segments = path.split("/");
    for (const { route, segments: pattern } of patterns) {
      if (route.method !== method) continue;
      const pathParameters = parametersIn(segments, pattern);
      if (pathParameters) return { route, routeKey: `${route.method} ${route.path}`, pathParameters };
    }
    return undefined;
  };
};

const PARAMETER = /^\{(\w+)\}$/;

const parameterCount = (pattern: readonly string[]): number =>
  pattern.filter((segment) => PARAMETER.test(segment)).length;

/** Undefined when the path does not fit. */
const parametersIn = (
  segments: readonly string[],
  pattern: readonly string[],
): Record<string, string> | undefined => {
  if (segments.length !== pattern.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const given = segments[index];
    const name = PARAMETER.exec(expected)?.[1];
    if (name === undefined ? given !== expected : given === "") return undefined;
    if (name !== undefined) parameters[name] = given;
  }
  return parameters;
};
