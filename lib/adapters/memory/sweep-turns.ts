import type { SweepTurns } from "../../core/expiry/sweep.ts";

export const memorySweepTurns = (): SweepTurns => {
  let last: { readonly startedAtMs: number; readonly place?: string } | undefined;
  return {
    async take(nowMs, intervalMs) {
      if (last && last.startedAtMs > nowMs - intervalMs && last.startedAtMs <= nowMs + intervalMs)
        return undefined;
      last = { ...last, startedAtMs: nowMs };
      return last;
    },
    async end({ startedAtMs }, place) {
      if (last?.startedAtMs === startedAtMs) last = { startedAtMs, ...(place !== undefined && { place }) };
    },
  };
};
