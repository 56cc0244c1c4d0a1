import type { Sleep } from "../core/clock.ts";
import { sleep } from "./sleep.ts";

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2_000;

/** What the wait between two attempts depends on; tests pass their own. */
export interface Patience {
  readonly sleep: Sleep;
  /** 0 to 1, as Math.random. */
  readonly random: () => number;
  /** How often the same thing is tried before giving up. */
  readonly attempts: number;
}

/** At most about five seconds of waiting; every function that writes or publishes has that. */
export const REAL_PATIENCE: Patience = { sleep, random: Math.random, attempts: 8 };

/**
 * Waits before another attempt, `failures` after the first: exponential with full jitter, so that many
 * writers who were throttled together do not come back together.
 */
export const backOff = (failures: number, { sleep, random }: Patience): Promise<void> =>
  sleep(random() * Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS));
