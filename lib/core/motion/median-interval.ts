import type { PositionBuffer } from "../position/position-buffer.ts";

/**
 * The median of the times between neighbours of positions in time order; undefined below two positions. Of an
 * even number the lower one: with two intervals, one of which is a gap, the other.
 */
export const medianIntervalMs = ({ timestampsMs, count }: PositionBuffer): number | undefined => {
  if (count < 2) return undefined;
  const intervals = new Float64Array(count - 1);
  for (let index = 1; index < count; index++) {
    intervals[index - 1] = timestampsMs[index] - timestampsMs[index - 1];
  }
  return intervals.sort()[(intervals.length - 1) >> 1];
};
