import { PositionBuffer } from "../position/position-buffer.ts";
import { encodeSegment } from "../segment/segment.ts";
import { LATE_SEGMENT_SPAN_MS, type StoredSegment, type TimeRange } from "../track/track-store.ts";

/** The late positions of one record. */
export interface LateArrival {
  /** The record's. */
  readonly sequenceNumber: string;
  /** In time order, each timestamp once: the first to come. */
  readonly positions: PositionBuffer;
}

/** Gathers a record's late positions, given by their indexes in the order they came. */
export const lateArrival = (
  sequenceNumber: string,
  arrived: PositionBuffer,
  indexes: readonly number[],
): LateArrival => {
  const { timestampsMs } = arrived;
  const ordered = indexes.toSorted((left, right) => timestampsMs[left] - timestampsMs[right] || left - right);
  const isRepeated = (place: number): boolean =>
    place > 0 && timestampsMs[ordered[place]] === timestampsMs[ordered[place - 1]];
  return {
    sequenceNumber,
    positions: pick(
      arrived,
      ordered.filter((_, place) => !isRepeated(place)),
    ),
  };
};

/** Where on the track the same positions may be already; no range is longer than a late segment. */
export const lateRanges = ({ positions }: LateArrival): TimeRange[] =>
  spans(positions).map(({ from, to }) => ({
    fromMs: positions.timestampsMs[from],
    toMs: positions.timestampsMs[to - 1],
  }));

/** The late positions whose timestamps are not `known`. */
export const withoutKnown = (
  { sequenceNumber, positions }: LateArrival,
  known: ReadonlySet<number>,
): LateArrival => {
  const fresh: number[] = [];
  for (let index = 0; index < positions.count; index++) {
    if (!known.has(positions.timestampsMs[index])) fresh.push(index);
  }
  return { sequenceNumber, positions: pick(positions, fresh) };
};

/** Late segments: they carry the record's sequence number, so that they overwrite nothing but themselves. */
export const lateSegments = ({ sequenceNumber, positions }: LateArrival): StoredSegment[] =>
  spans(positions).map(({ from, to }) => ({
    kind: "late",
    firstTimestampMs: positions.timestampsMs[from],
    lastTimestampMs: positions.timestampsMs[to - 1],
    positionCount: to - from,
    sequenceNumber,
    data: encodeSegment(positions, from, to),
  }));

/** Runs of positions that span no more than a late segment may. */
const spans = ({ timestampsMs, count }: PositionBuffer): { readonly from: number; readonly to: number }[] => {
  const found: { from: number; to: number }[] = [];
  let from = 0;
  for (let to = 1; to <= count; to++) {
    if (to < count && timestampsMs[to] - timestampsMs[from] <= LATE_SEGMENT_SPAN_MS) continue;
    found.push({ from, to });
    from = to;
  }
  return found;
};

const pick = (source: PositionBuffer, indexes: readonly number[]): PositionBuffer => {
  const picked = new PositionBuffer(indexes.length);
  for (const index of indexes) picked.append(source, index, index + 1);
  return picked;
};
