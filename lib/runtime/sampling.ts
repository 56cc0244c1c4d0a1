import type { FunctionDefinition } from "./definition.ts";

/** Whether a call that succeeded is logged, by the id of its invocation. */
export type Sampling = (invocationId: string) => boolean;

/**
 * One call in `count`, chosen by its id alone: the answer for a call is the same whenever and wherever it is
 * asked, and no state is kept. FNV-1a, because it only has to be even and fast.
 */
export const oneIn =
  (count: number): Sampling =>
  (invocationId) => {
    if (count <= 1) return true;
    let hash = 0x811c9dc5;
    for (let index = 0; index < invocationId.length; index++) {
      hash = Math.imul(hash ^ invocationId.charCodeAt(index), 0x01000193);
    }
    // The low bits alone are uneven for ids that differ only in their last letters.
    return ((hash ^ (hash >>> 15)) >>> 0) % count === 0;
  };

/** Set to `true` to log every call, whatever that costs. */
export const LOG_EVERY_CALL_VARIABLE = "LOG_EVERY_CALL";

/** As the definition says; every call if it says nothing, or if the deployment insists. */
export const samplingOf = (
  { logsOneGoodCallIn = 1 }: FunctionDefinition,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Sampling => oneIn(variables[LOG_EVERY_CALL_VARIABLE] === "true" ? 1 : logsOneGoodCallIn);
