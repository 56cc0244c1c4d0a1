import type { Clock } from "../core/clock.ts";
import type { FunctionMetrics } from "./metrics.ts";

/**
 * Sums figures up and writes them once in `everyMs`, for a function that is called so often that a line for
 * each call would cost more than the call. The first is written at once, so that who is called seldom loses
 * nothing; what was summed up since the last line is lost with the instance when that ends.
 */
export const gathered = (metrics: FunctionMetrics, now: Clock, everyMs: number): FunctionMetrics => {
  const sums = new Map<string, number>();
  let writtenAtMs = Number.NEGATIVE_INFINITY;
  return {
    count: (counts) => {
      for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
      // A clock that was set back must not keep the figures for ever.
      const ageMs = Math.abs(now() - writtenAtMs);
      if (ageMs < everyMs) return;
      writtenAtMs = now();
      const gatheredCounts = Object.fromEntries(sums);
      sums.clear();
      metrics.count(gatheredCounts);
    },
  };
};
