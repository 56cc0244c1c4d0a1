import type { Sleep } from "../../lib/core/clock.ts";
import { FunctionError, HostUnreachableError, PerhapsRanError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import type { Work } from "./compile.ts";
import { functionNameOf, LAMBDA_INVOKE } from "./resource.ts";
import { runtimeError, TaskError } from "./task-error.ts";

/** Step Functions' limit for an input, an output and a result, in bytes of UTF-8. */
export const MAXIMUM_DATA_BYTES = 262_144;

/** A host that restarts is back within seconds. */
const UNREACHABLE_INTERVAL_MILLISECONDS = 250;
/** The interpreter times a state out by itself, and must be first. */
const TIMEOUT_GRACE_MILLISECONDS = 100;

export interface CallPorts {
  readonly invoke: Invoke;
  readonly sleep: Sleep;
}

/** What to call for a Task, from its resource and its input. */
export const functionCallOf = (
  { resource }: Extract<Work, { kind: "call" }>,
  input: unknown,
): { readonly functionName: string; readonly event: unknown; readonly isWrapped: boolean } => {
  if (resource !== LAMBDA_INVOKE)
    return { functionName: functionNameOf(resource), event: input, isWrapped: false };
  const { FunctionName, Payload = {} } = input as { FunctionName?: unknown; Payload?: unknown };
  if (typeof FunctionName !== "string") throw runtimeError("FunctionName is not a string");
  return { functionName: functionNameOf(FunctionName), event: Payload, isWrapped: true };
};

/**
 * Calls a Task's function. Rejects with a TaskError whose name is the function's error type, so that
 * `ErrorEquals` matches it, and whose message is the JSON that Step Functions gives as Cause. A host that
 * can't be reached is waited for, as long as the state may take: on AWS that is not a thing that happens to a
 * workflow.
 */
export const callTask = async (
  work: Extract<Work, { kind: "call" }>,
  input: unknown,
  { invoke, sleep }: CallPorts,
  signal: AbortSignal,
): Promise<unknown> => {
  const { functionName, event, isWrapped } = functionCallOf(work, input);
  const until =
    work.timeoutSeconds === undefined
      ? signal
      : AbortSignal.any([
          signal,
          AbortSignal.timeout(work.timeoutSeconds * 1_000 + TIMEOUT_GRACE_MILLISECONDS),
        ]);
  for (;;) {
    try {
      const result = await invoke(functionName, event, until);
      checkSize(result);
      return isWrapped ? { ExecutedVersion: "$LATEST", Payload: result, StatusCode: 200 } : result;
    } catch (error) {
      if (error instanceof PerhapsRanError) await whileItMayRun(error, sleep, until);
      if (!(error instanceof HostUnreachableError)) throw taskError(error, until);
    }
    await sleep(UNREACHABLE_INTERVAL_MILLISECONDS, until).catch((reason) => {
      throw taskError(reason, until);
    });
  }
};

/** The state's Retry calls again; a copy that is still running must not get a second one beside it. */
const whileItMayRun = async (
  { mayRunForMilliseconds }: PerhapsRanError,
  sleep: Sleep,
  until: AbortSignal,
): Promise<void> => {
  if (mayRunForMilliseconds > 0) await sleep(mayRunForMilliseconds, until).catch(() => {});
};

const taskError = (error: unknown, until: AbortSignal): TaskError => {
  if (error instanceof TaskError) return error;
  // The machine has gone on without us; nobody reads this.
  if (until.aborted) return new TaskError("States.Timeout", "the state has ended", { isTerminal: true });
  if (error instanceof FunctionError) {
    const { name: errorType, message: errorMessage, trace } = error;
    return new TaskError(errorType, JSON.stringify({ errorMessage, errorType, trace }));
  }
  // What Step Functions says when Lambda can't tell what became of a call.
  if (error instanceof PerhapsRanError) return new TaskError("Lambda.Unknown", error.message);
  return new TaskError("Lambda.SdkClientException", error instanceof Error ? error.message : String(error));
};

const checkSize = (result: unknown): void => {
  const bytes = Buffer.byteLength(JSON.stringify(result ?? null));
  if (bytes > MAXIMUM_DATA_BYTES) {
    throw new TaskError(
      "States.DataLimitExceeded",
      `The result is ${bytes} bytes; no more than ${MAXIMUM_DATA_BYTES} are allowed.`,
      { isTerminal: true },
    );
  }
};
