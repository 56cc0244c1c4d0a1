import { TooLargeError } from "../core/errors.ts";
import type { OutgoingRecord } from "../core/stream/position-stream.ts";

/** Data and partition key together; Kinesis takes more if a stream is configured so, but not by default. */
const MAXIMUM_RECORD_BYTES = 1024 * 1024;

/** What a record counts for in the stream's limits: its data and its partition key. */
export const recordBytes = ({ deviceId, data }: OutgoingRecord): number =>
  data.length + Buffer.byteLength(deviceId);

/** Throws TooLargeError when the stream could never take the record, so that nobody retries it. */
export const checkRecordSize = (record: OutgoingRecord): void => {
  const bytes = recordBytes(record);
  if (bytes <= MAXIMUM_RECORD_BYTES) return;
  throw new TooLargeError(
    `a stream record of device ${record.deviceId} has ${bytes} bytes, at most ${MAXIMUM_RECORD_BYTES} are possible`,
  );
};
