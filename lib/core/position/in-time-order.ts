import { PositionBuffer } from "./position-buffer.ts";

/** The positions by time; those of one time stay in their order. */
export const inTimeOrder = (positions: PositionBuffer): PositionBuffer => {
  const { timestampsMs, count } = positions;
  if (isAscending(positions)) return positions;
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  // By place in the file where the time is the same: a typed array's sort promises no order of its own.
  order.sort((one, other) => timestampsMs[one] - timestampsMs[other] || one - other);
  const ordered = new PositionBuffer(count);
  for (const index of order) ordered.append(positions, index, index + 1);
  return ordered;
};

const isAscending = ({ timestampsMs, count }: PositionBuffer): boolean => {
  for (let index = 1; index < count; index++) {
    if (timestampsMs[index] < timestampsMs[index - 1]) return false;
  }
  return true;
};
