import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { FunctionDefinition } from "./definition.ts";
import { routeMatcher } from "./match-route.ts";

type HttpEvent = APIGatewayProxyEventV2;

/** The route key that a function URL gives every request; a gateway would name the route. */
const NO_ROUTE = "$default";

/**
 * The middleware that lets a function answer at its own address (a Lambda function URL) as it does behind a
 * gateway. There the event has the gateway's shape, but neither route nor path parameters. Both are derived
 * from method and path; a path that fits no route stays without one, and ends as a 404.
 */
export const routeByPath = ({
  routes = [],
}: FunctionDefinition): MiddlewareObj<HttpEvent, APIGatewayProxyStructuredResultV2> => {
  const match = routeMatcher(routes);
  return {
    before: (request) => {
      const { event } = request;
      if (event.routeKey !== NO_ROUTE) return;
      const matched = match(event.requestContext.http.method, event.rawPath);
      if (!matched) return;
      const { routeKey, pathParameters } = matched;
      request.event = { ...event, routeKey, pathParameters };
    },
  };
};
