import { backOff, type Patience } from "../../lib/adapters/backoff.ts";
import { ThrottledError, UnavailableError } from "../../lib/core/errors.ts";

export interface Persistence extends Patience {
  readonly signal: AbortSignal;
}

/** Repeats work that a store refuses for the moment; rejects with its last refusal, or when it is aborted. */
export const persistently = async <Result>(
  { signal, ...patience }: Persistence,
  work: () => Promise<Result>,
): Promise<Result> => {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const mayPass = error instanceof ThrottledError || error instanceof UnavailableError;
      if (!mayPass || failures >= patience.attempts) throw error;
      await backOff(failures, patience);
    }
  }
};
