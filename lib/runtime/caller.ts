import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { Caller } from "../core/access/caller.ts";
import { MisconfiguredError } from "../core/errors.ts";

// Beside the event and not in it, so that nothing a caller sends, and nobody who may invoke the function, can
// set it.
const callers = new WeakMap<APIGatewayProxyEventV2, Caller>();

/** Notes who makes a request, once that is known. */
export const admit = (event: APIGatewayProxyEventV2, caller: Caller): void => {
  callers.set(event, caller);
};

export const findCaller = (event: APIGatewayProxyEventV2): Caller | undefined => callers.get(event);

/** Raises MisconfiguredError when nobody has checked: a route left open by mistake stays closed. */
export const callerOf = (event: APIGatewayProxyEventV2): Caller => {
  const caller = findCaller(event);
  if (!caller) throw new MisconfiguredError(`${event.routeKey}: the caller was never checked`);
  return caller;
};
