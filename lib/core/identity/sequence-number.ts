/**
 * Sequence numbers are decimal integers of any size, without leading zeros: the longer one is the greater.
 */
export const compareSequenceNumbers = (left: string, right: string): number => {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
};
