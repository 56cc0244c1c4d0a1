import { SegmentError } from "../errors.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import { decodeColumn, readHeader } from "./column-decoder.ts";
import { encodeColumn } from "./column-encoder.ts";
import { PRESENCE_MASK, WIDE } from "./column-format.ts";
import { type ByteReader, type ByteWriter, readSigned, writeSigned } from "./varint.ts";

/** The last millisecond that a Date can hold. */
const MAXIMUM_TIMESTAMP_MS = 8.64e15;

// Neither encoding nor decoding awaits, so one piece of scratch memory serves every call.
let scratch = new Int32Array(1024);

/**
 * Within 24 days of the first one, timestamps are a column of 32-bit integers like any other; else they are
 * wide.
 */
export const encodeTimestamps = (
  out: ByteWriter,
  header: number,
  timestampsMs: Float64Array,
  from: number,
  count: number,
): number => {
  const first = timestampsMs[from];
  checkTimestamp(first);
  const values = scratchFor(count);
  for (let index = 0; index < count; index++) {
    const timestampMs = timestampsMs[from + index];
    const exact = timestampMs - first;
    const value = exact | 0;
    if (value !== exact) return encodeWide(out.bytes, header, timestampsMs, from, count);
    if (timestampMs < 0 || timestampMs > MAXIMUM_TIMESTAMP_MS) checkTimestamp(timestampMs);
    values[index] = value;
  }
  out.bytes[header] = 0;
  return encodeColumn(out, header, header + 1, values, 0, count, first, true);
};

const encodeWide = (
  out: Uint8Array,
  header: number,
  timestampsMs: Float64Array,
  from: number,
  count: number,
): number => {
  out[header] = WIDE;
  let offset = header + 1;
  let before = 0;
  for (let index = from; index < from + count; index++) {
    const timestampMs = timestampsMs[index];
    checkTimestamp(timestampMs);
    offset = writeSigned(out, offset, timestampMs - before);
    before = timestampMs;
  }
  return offset;
};

export const decodeTimestamps = (reader: ByteReader, into: PositionBuffer, count: number): void => {
  const { timestampsMs, count: at } = into;
  const header = readHeader(reader);
  if (header === WIDE) {
    let timestampMs = 0;
    for (let index = 0; index < count; index++) {
      timestampMs += readSigned(reader);
      checkTimestamp(timestampMs);
      timestampsMs[at + index] = timestampMs;
    }
    return;
  }
  if ((header & PRESENCE_MASK) !== 0) throw new SegmentError("a position has no timestamp");
  const values = scratchFor(count);
  const first = decodeColumn(reader, header, values, 0, count, true);
  checkTimestamp(first);
  for (let index = 0; index < count; index++) {
    const timestampMs = first + values[index];
    if (timestampMs < 0 || timestampMs > MAXIMUM_TIMESTAMP_MS) checkTimestamp(timestampMs);
    timestampsMs[at + index] = timestampMs;
  }
};

const scratchFor = (count: number): Int32Array => {
  if (scratch.length < count) scratch = new Int32Array(2 * count);
  return scratch;
};

const checkTimestamp = (timestampMs: number): void => {
  if (!(timestampMs >= 0 && timestampMs <= MAXIMUM_TIMESTAMP_MS && Number.isInteger(timestampMs))) {
    throw new SegmentError(
      `a timestamp must be an integer from 0 to ${MAXIMUM_TIMESTAMP_MS}, and is ${timestampMs}`,
    );
  }
};
