/** A seeded random source: the same seed gives the same drive on every machine. */
export interface Random {
  /** 0 to 1, uniform. */
  uniform(): number;
  /** Mean 0, standard deviation 1. */
  normal(): number;
}

const UNIFORMS_PER_NORMAL = 12;

/**
 * Mulberry32, 32 bits of state: plenty for a thousand positions. Normal numbers are sums of uniform ones
 * (Irwin and Hall), because sums are the same to the last bit on every machine, and logarithms and cosines
 * need not be.
 */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => {
    let sum = 0;
    for (let count = 0; count < UNIFORMS_PER_NORMAL; count++) sum += uniform();
    return sum - UNIFORMS_PER_NORMAL / 2;
  };
  return { uniform, normal };
};

/**
 * An error with memory: satellites and reflections change over a minute, not from fix to fix, so that
 * successive errors are similar (a first-order Gauss-Markov process with standard deviation 1).
 */
export const driftingError = (
  random: Random,
  correlationSeconds: number,
): ((elapsedSeconds: number) => number) => {
  let value = random.normal();
  return (elapsedSeconds) => {
    const kept = Math.max(0, 1 - elapsedSeconds / correlationSeconds);
    value = kept * value + Math.sqrt(1 - kept * kept) * random.normal();
    return value;
  };
};
