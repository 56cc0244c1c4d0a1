import type { Clock, Sleep } from "../../lib/core/clock.ts";
import { runtimeError } from "./task-error.ts";

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** Timers of Node end at once when they are set to more than this. */
export const LONGEST_SLEEP_MILLISECONDS = 2 ** 31 - 1;

/** When a Wait is over that was entered at `enteredMs`: `seconds` after that, or at `timestamp`. */
export const waitEndMs = (input: unknown, enteredMs: number): number => {
  const { seconds, timestamp } = input as { seconds?: unknown; timestamp?: unknown };
  if (timestamp !== undefined) {
    const endMs =
      typeof timestamp === "string" && TIMESTAMP.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
    if (Number.isNaN(endMs)) throw runtimeError(`${JSON.stringify(timestamp)} is not a timestamp`);
    return endMs;
  }
  if (!Number.isInteger(seconds) || (seconds as number) < 0) {
    throw runtimeError(`${JSON.stringify(seconds)} is not a whole number of seconds`);
  }
  return enteredMs + (seconds as number) * 1_000;
};

export const waitUntil = async (
  endMs: number,
  { clock, sleep }: { readonly clock: Clock; readonly sleep: Sleep },
  signal: AbortSignal,
): Promise<void> => {
  for (let leftMs = endMs - clock(); leftMs > 0; leftMs = endMs - clock()) {
    await sleep(Math.min(leftMs, LONGEST_SLEEP_MILLISECONDS), signal);
  }
};
