// A column's first byte: how its values are coded (low three bits), which positions have one, and whether a step follows.
// Behind it come the presence, the step, the first value, then what the coding says.

/** Every value equals the first. */
export const CONSTANT = 0;
/** Differences, each a zigzag varint. */
export const DELTA = 1;
/** Differences of differences, each a zigzag varint. */
export const DELTA_OF_DELTA = 2;
/** Differences that are mostly zero: see SPARSE_NIBBLE. */
export const SPARSE_DELTA = 3;
/** Differences of differences that are mostly zero. */
export const SPARSE_DELTA_OF_DELTA = 4;
/** Differences beyond 32 bits; timestamps only, and without a step. */
export const WIDE_DELTA = 5;
export const CODING_MASK = 0b0000_0111;

/** Not every position has a value: one bit each, lowest first. */
export const PRESENCE_BITMAP = 0b0000_1000;
/** Not every position has a value: lengths of runs, of present and absent positions in turn. */
export const PRESENCE_RUNS = 0b0001_0000;
/** Differences were divided by this common divisor: receivers report many fields more coarsely than our quanta. */
export const HAS_STEP = 0b0010_0000;
export const KNOWN_BITS = 0b0011_1111;

/**
 * A sparse coding is a sequence of tokens: zeros to skip in the high nibble, then one zigzag difference, less one, in
 * the low nibble. A nibble of 15 says that a varint with what exceeds it follows (the zeros' first). When only zeros
 * are left, one token skips them, its low nibble 0 and without meaning.
 */
export const SPARSE_NIBBLE = 15;
