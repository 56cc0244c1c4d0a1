import { PositionBuffer } from "../position/position-buffer.ts";

/** Without two positions there is no interval; GPS receivers report once a second. */
const USUAL_INTERVAL_MS = 1_000;

/** The positions by time; of several with the same timestamp only the first stays. */
export const inTimeOrder = (positions: PositionBuffer): PositionBuffer => {
  const { timestampsMs, count } = positions;
  if (isAscending(positions)) return positions;
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  // By place in the file where the time is the same: a typed array's sort promises no order of its own.
  order.sort((one, other) => timestampsMs[one] - timestampsMs[other] || one - other);
  const ordered = new PositionBuffer(count);
  for (const index of order) {
    if (ordered.count > 0 && ordered.timestampsMs[ordered.count - 1] === timestampsMs[index]) continue;
    ordered.append(positions, index, index + 1);
  }
  return ordered;
};

const isAscending = ({ timestampsMs, count }: PositionBuffer): boolean => {
  for (let index = 1; index < count; index++) {
    if (timestampsMs[index] <= timestampsMs[index - 1]) return false;
  }
  return true;
};

/** The median time between two neighbours of positions in time order. */
export const medianIntervalMs = ({ timestampsMs, count }: PositionBuffer): number => {
  if (count < 2) return USUAL_INTERVAL_MS;
  const intervals = new Float64Array(count - 1);
  for (let index = 1; index < count; index++) {
    intervals[index - 1] = timestampsMs[index] - timestampsMs[index - 1];
  }
  return intervals.sort()[intervals.length >> 1];
};
