import type { FunctionDefinition } from "./definition.ts";

/** Whether a call that went well is logged, by the id of its invocation. */
export type Sampling = (invocationId: string) => boolean;

/**
 * One call in so many, told by its id alone: the same call is in or out whenever and wherever it is asked,
 * and no state is kept. FNV-1a, since it must be even and quick, and nothing else.
 */
export const oneIn =
  (count: number): Sampling =>
  (invocationId) => {
    if (count <= 1) return true;
    let hash = 0x811c9dc5;
    for (let index = 0; index < invocationId.length; index++) {
      hash = Math.imul(hash ^ invocationId.charCodeAt(index), 0x01000193);
    }
    // The low bits alone are uneven for ids that differ in their last letters.
    return ((hash ^ (hash >>> 15)) >>> 0) % count === 0;
  };

/** Set to `true` where the log has to tell of every call, whatever that costs. */
export const LOG_EVERY_CALL_VARIABLE = "LOG_EVERY_CALL";

/** What the definition asks for; every call where it asks for nothing, or where the deployment insists. */
export const samplingOf = (
  { logsOneGoodCallIn = 1 }: FunctionDefinition,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Sampling => oneIn(variables[LOG_EVERY_CALL_VARIABLE] === "true" ? 1 : logsOneGoodCallIn);
