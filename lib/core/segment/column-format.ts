// A column's first byte says how its values are coded. Behind it come the presence, the step, the first
// value, for the second order the first difference, then the residuals: differences, or differences of
// differences, as the coding says.

/** Every value equals the first; there are no residuals. */
export const CONSTANT = 0;
/** Residuals in blocks of equal width: see packed.ts. */
export const PACKED = 1;
/** Residuals that are mostly zero: see sparse.ts. */
export const SPARSE = 2;
/**
 * Timestamps that need more than 32 bits: every value a signed varint, the difference from the one before.
 */
export const WIDE = 3;
export const CODING_MASK = 0b0000_0011;

/** The residuals are differences of differences; that of the first difference is 0. */
export const SECOND_ORDER = 0b0000_0100;
/** Not every position has a value: one bit each, lowest first. */
export const PRESENCE_BITMAP = 0b0000_1000;
/** Not every position has a value: lengths of runs, of present and absent positions in turn. */
export const PRESENCE_RUNS = 0b0001_0000;
export const PRESENCE_MASK = PRESENCE_BITMAP | PRESENCE_RUNS;
/**
 * Differences were divided by this common divisor: receivers report many fields more coarsely than our
 * quanta.
 */
export const HAS_STEP = 0b0010_0000;
export const KNOWN_BITS = 0b0011_1111;

/** Folds the sign into the lowest bit, so that small differences of either sign are small numbers. */
export const zigzag = (value: number): number => (value << 1) ^ (value >> 31);

export const unzigzag = (zigzagged: number): number => (zigzagged >>> 1) ^ -(zigzagged & 1);
