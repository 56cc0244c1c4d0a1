import type { PositionBuffer } from "../position/position-buffer.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { compressSegment, encodeSegment } from "../segment/segment.ts";
import type { OutgoingRecord, PositionStream } from "./position-stream.ts";

/** Enough for the codec to be near its best, and about 40 KB at worst: far from what a record may hold. */
export const MAXIMUM_POSITIONS_PER_RECORD = 500;

/** One device's positions as stream records, encoded, in the order that they have in the buffer. */
export const outgoingRecordsOf = (
  deviceId: string,
  positions: PositionBuffer,
  compression: SegmentCompression,
): OutgoingRecord[] => {
  const records: OutgoingRecord[] = [];
  for (let from = 0; from < positions.count; from += MAXIMUM_POSITIONS_PER_RECORD) {
    const to = Math.min(from + MAXIMUM_POSITIONS_PER_RECORD, positions.count);
    records.push({ deviceId, data: compressSegment(encodeSegment(positions, from, to), compression) });
  }
  return records;
};

export interface PublishPorts {
  readonly stream: PositionStream;
  readonly compression: SegmentCompression;
}

/**
 * Puts the positions of many devices on the stream, whose records share its calls. Throws ThrottledError or
 * UnavailableError when the stream does not take them all; publishing them again is then safe, because a
 * device's timestamps are counted once.
 */
export const publishFleetPositions = (
  { stream, compression }: PublishPorts,
  fleet: ReadonlyMap<string, PositionBuffer>,
): Promise<void> =>
  stream.publish(
    [...fleet].flatMap(([deviceId, positions]) => outgoingRecordsOf(deviceId, positions, compression)),
  );
