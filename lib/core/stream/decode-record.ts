import { BacktrackError, type FieldProblem, RecordError } from "../errors.ts";
import { parseDeviceId } from "../identity/device-id.ts";
import { refuseInvalid } from "../position/check-positions.ts";
import { parsePositions } from "../position/parse-positions.ts";
import { TIMESTAMP_RULES } from "../position/parse-timestamp.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import { spreadSeconds } from "../position/spread-seconds.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { decodeSegment, isSegment } from "../segment/segment.ts";

/** A record of the positions stream, as its consumer sees it. */
export interface IncomingRecord {
  readonly partitionKey: string;
  /** JSON (an object, an array, or NDJSON) or one encoded segment; the first byte tells. */
  readonly data: Uint8Array;
  /**
   * When the stream took it: "now" for the rule about timestamps in the future, the same at every redelivery.
   */
  readonly arrivedAtMs: number;
}

export interface DecodedRecord {
  readonly deviceId: string;
  /** The valid ones, in the record's order. */
  readonly positions: PositionBuffer;
  /** How many elements were refused. */
  readonly refusedCount: number;
  /** What was refused, each with the element's index; empty when all was well. */
  readonly problems: readonly FieldProblem[];
}

/** Reads a record. Throws RecordError, and nothing else, when it can't be read as a whole. */
export const decodeRecord = (
  record: IncomingRecord,
  compression: SegmentCompression,
  rules = TIMESTAMP_RULES,
): DecodedRecord => {
  const { partitionKey, data, arrivedAtMs } = record;
  try {
    const deviceId = parseDeviceId(partitionKey);
    if (isSegment(data)) {
      const positions = decodeSegment(data, compression);
      const { count } = positions;
      const problems = refuseInvalid(positions, arrivedAtMs, rules);
      spreadSeconds(positions);
      return { deviceId, positions, refusedCount: count - positions.count, problems };
    }
    const { positions, refused, rejected } = parsePositions(data, arrivedAtMs, deviceId, rules);
    return { deviceId, positions, refusedCount: refused, problems: rejected };
  } catch (error) {
    const { message, problems } =
      error instanceof BacktrackError ? error : { message: String(error), problems: [] };
    throw new RecordError(`record can't be read: ${message}`, { cause: error, problems });
  }
};
