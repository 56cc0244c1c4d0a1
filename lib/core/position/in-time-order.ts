import { PositionBuffer } from "./position-buffer.ts";

/** The positions sorted by time; positions of one time keep their order. */
export const inTimeOrder = (positions: PositionBuffer): PositionBuffer => {
  const { timestampsMs, count } = positions;
  if (isAscending(positions)) return positions;
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  // By place in the file if the time is the same: a typed array's sort is not stable.
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
