import type { Fence } from "./device-state.ts";

/** Sequence numbers are decimal integers of any size, without leading zeros: the longer one is the greater. */
export const compareSequenceNumbers = (left: string, right: string): number => {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
};

/** True when the fence shows that this record was applied: it is a redelivery. */
export const isApplied = (fence: Fence | undefined, stream: string, sequenceNumber: string): boolean =>
  fence !== undefined &&
  fence.stream === stream &&
  compareSequenceNumbers(sequenceNumber, fence.sequenceNumber) <= 0;
