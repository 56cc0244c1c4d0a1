import type { Fence } from "../identity/fence.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { LATE_SPAN_MS, lateSpanOf, type TimeRange } from "../track/track-store.ts";

/** The late positions of one record. */
export interface LateArrival extends Fence {
  readonly arrivedAtMs: number;
  /** In time order; positions of one time in the order of arrival. */
  readonly positions: PositionBuffer;
}

/** Gathers a record's late positions, given by their indexes in order of arrival. */
export const lateArrival = (
  { positions, ...record }: LateArrival,
  indexes: readonly number[],
): LateArrival => {
  const { timestampsMs } = positions;
  const ordered = indexes.toSorted((left, right) => timestampsMs[left] - timestampsMs[right] || left - right);
  const picked = new PositionBuffer(indexes.length);
  for (const index of ordered) picked.append(positions, index, index + 1);
  return { ...record, positions: picked };
};

/**
 * Where the same positions may already be on the track: whole spans, so that all late parts of a span are
 * read before anything is added to it. Adjacent spans make one range.
 */
export const lateRanges = (arrivals: readonly LateArrival[]): TimeRange[] => {
  const spans = new Set<number>();
  for (const { positions } of arrivals) {
    for (let index = 0; index < positions.count; index++)
      spans.add(lateSpanOf(positions.timestampsMs[index]));
  }
  const ranges: { fromMs: number; toMs: number }[] = [];
  for (const beginMs of [...spans].sort((left, right) => left - right)) {
    const last = ranges.at(-1);
    if (last?.toMs === beginMs - 1) last.toMs += LATE_SPAN_MS;
    else ranges.push({ fromMs: beginMs, toMs: beginMs + LATE_SPAN_MS - 1 });
  }
  return ranges;
};
