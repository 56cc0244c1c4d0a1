import { DEPLOYED_GROUPS, type DeployedGroup } from "../groups.ts";

/** For the function's own answer, that its time is over, to get out before the connection is cut. */
const ANSWER_SECONDS = 10;
/** And from there through the gateway. */
const GATEWAY_SECONDS = 20;

/** The variables with of-watchdog's names; whoever waits for another waits longer. */
export const timeoutsOf = ({ timeoutSeconds }: Pick<DeployedGroup, "timeoutSeconds">) => ({
  exec_timeout: `${timeoutSeconds}s`,
  read_timeout: `${timeoutSeconds + ANSWER_SECONDS}s`,
  write_timeout: `${timeoutSeconds + ANSWER_SECONDS}s`,
});

/**
 * What the gateway's own timeouts must be for every function to end in its own time. A gateway that ends
 * earlier loses nothing, but never hears how a long call ended.
 */
export const GATEWAY_TIMEOUT_SECONDS =
  Math.max(...DEPLOYED_GROUPS.map(({ timeoutSeconds }) => timeoutSeconds)) + ANSWER_SECONDS + GATEWAY_SECONDS;

/**
 * What every process of a group is told about its calls, partly by of-watchdog's names. What the proxy
 * forwards counts where it stands in front; who goes past it fools nobody else.
 */
export const callVariablesOf = (
  group: Pick<DeployedGroup, "timeoutSeconds" | "maximumInFlight" | "isPublic">,
): Record<string, string> => ({
  ...(group.isPublic && { TRUST_FORWARDED: "true" }),
  max_inflight: `${group.maximumInFlight}`,
  ...timeoutsOf(group),
});
