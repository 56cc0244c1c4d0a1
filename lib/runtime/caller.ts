import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { Caller } from "../core/access/caller.ts";
import { MisconfiguredError } from "../core/errors.ts";

// Beside the event and not in it: nothing that a caller sends, and nobody who may invoke the function, can
// put it there.
const callers = new WeakMap<APIGatewayProxyEventV2, Caller>();

/** Notes who makes a request, once that was found out. */
export const admit = (event: APIGatewayProxyEventV2, caller: Caller): void => {
  callers.set(event, caller);
};

export const findCaller = (event: APIGatewayProxyEventV2): Caller | undefined => callers.get(event);

/** Raises MisconfiguredError when nobody has looked: what was left open by mistake is closed. */
export const callerOf = (event: APIGatewayProxyEventV2): Caller => {
  const caller = findCaller(event);
  if (!caller) throw new MisconfiguredError(`${event.routeKey}: nobody has checked who calls`);
  return caller;
};
