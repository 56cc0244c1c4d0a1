import type { Clock, Sleep } from "../clock.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { compressSegment, encodeSegment } from "../segment/segment.ts";
import type { OutgoingRecord, PositionStream } from "../stream/position-stream.ts";
import type { ReplayWindow, SourceSchedule } from "./window.ts";

export interface PublishingPorts {
  readonly stream: PositionStream;
  readonly compression: SegmentCompression;
  readonly now: Clock;
  readonly sleep: Sleep;
}

/** Most positions in one record: about 9 KB, far below what a record may hold. */
const MAXIMUM_RECORD_POSITIONS = 1_000;
/** A stream charges each started kilobyte, so compressing less than that saves nothing. */
const COMPRESSED_FROM_BYTES = 1_000;

/**
 * Puts the positions of a window on the stream, each when it is due: sleeps until the next due time, then
 * sends in one call everything that is due by then. What is overdue already goes out at once.
 */
export const publishWindow = async (ports: PublishingPorts, window: ReplayWindow): Promise<void> => {
  const sent = window.sources.map(() => 0);
  for (;;) {
    const nowMs = ports.now();
    const records = window.sources.flatMap((source, index) => {
      const from = sent[index];
      sent[index] = firstNotDue(source, from, nowMs);
      return recordForEach(source, from, sent[index], ports.compression);
    });
    if (records.length > 0) {
      await ports.stream.publish(records);
      continue;
    }
    const nextMs = Math.min(...window.sources.map(({ dueMs }, index) => dueMs[sent[index]] ?? Infinity));
    if (nextMs === Number.POSITIVE_INFINITY) return;
    await ports.sleep(nextMs - nowMs);
  }
};

const firstNotDue = ({ dueMs }: SourceSchedule, from: number, nowMs: number): number => {
  const limit = Math.min(dueMs.length, from + MAXIMUM_RECORD_POSITIONS);
  let index = from;
  while (index < limit && dueMs[index] <= nowMs) index++;
  return index;
};

/** One record for each of the source's devices, all with the same bytes. */
const recordForEach = (
  { deviceIds, positions }: SourceSchedule,
  from: number,
  to: number,
  compression: SegmentCompression,
): OutgoingRecord[] => {
  if (from === to) return [];
  const segment = encodeSegment(positions, from, to);
  const data = segment.length < COMPRESSED_FROM_BYTES ? segment : compressSegment(segment, compression);
  return deviceIds.map((deviceId) => ({ deviceId, data }));
};
