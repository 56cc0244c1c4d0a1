import type { Clock } from "../core/clock.ts";
import type { FunctionMetrics } from "./metrics.ts";

/**
 * Adds figures up and writes them once every `everyMs`, for a function that is called so often that a line
 * per call would cost more than the call. The first is written at once, so that a function that is rarely
 * called loses nothing; what was added up since the last line is lost when the instance ends.
 */
export const gathered = (metrics: FunctionMetrics, now: Clock, everyMs: number): FunctionMetrics => {
  const sums = new Map<string, number>();
  let writtenAtMs = Number.NEGATIVE_INFINITY;
  return {
    count: (counts) => {
      for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
      // A clock that was set back must not hold the figures back forever.
      const ageMs = Math.abs(now() - writtenAtMs);
      if (ageMs < everyMs) return;
      writtenAtMs = now();
      const gatheredCounts = Object.fromEntries(sums);
      sums.clear();
      metrics.count(gatheredCounts);
    },
  };
};
