const FIRST_MILLISECONDS = 100;
const LONGEST_MILLISECONDS = 30_000;

/**
 * How long to wait after so many failures in a row: 0.1 s, doubled each time, at most half a minute. Without
 * jitter: a partition's lane has one caller, so there is no crowd to spread out.
 */
export const backoffMilliseconds = (failures: number, longest = LONGEST_MILLISECONDS): number =>
  Math.min(FIRST_MILLISECONDS * 2 ** (failures - 1), longest);
