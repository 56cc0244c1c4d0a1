import { SegmentError } from "../errors.ts";
import { ABSENT, ACCURACY, POSITION_FIELDS, SPEED } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { decodeColumn, readHeader } from "./column-decoder.ts";
import { columnSizeBound, encodeColumn } from "./column-encoder.ts";
import { PRESENCE_MASK } from "./column-format.ts";
import type { SegmentCompression } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { readPresence, writePresence } from "./presence.ts";
import { decodeTimestamps, encodeTimestamps } from "./timestamps.ts";
import {
  type ByteReader,
  type ByteWriter,
  byteWriter,
  endsEarly,
  readUnsigned,
  SPARE_BYTES,
  writeUnsigned,
} from "./varint.ts";

// A segment is: the version; the count; which fields occur, one bit each in the order of POSITION_FIELDS; the
// timestamps; a column for each field that occurs; a checksum of all before it. A field that no position has
// costs nothing. docs/decisions/0005 says why, and 0013 why there is a checksum.

/**
 * The first byte of a segment as encodeSegment makes it. Like all of them, it begins no JSON text in UTF-8.
 */
const CHECKED = 3;
/**
 * The same with all between version and checksum compressed. The checksum is that of the compressed bytes.
 */
const CHECKED_COMPRESSED = 4;
/** Earlier versions had no checksum; they are still read. */
const UNCHECKED = 1;
/** A whole segment of version 1 is inside. */
const UNCHECKED_COMPRESSED = 2;

export const CHECKSUM_BYTES = 4;

/**
 * The most positions of a segment, whatever its bytes say: equal positions take no bytes, so their count
 * needs a limit.
 */
export const MAXIMUM_SEGMENT_POSITIONS = 65_536;

const HEADER_BYTES = 16;
const FIELD_COUNT = POSITION_FIELDS.length;

const encodedSizeBound = (count: number): number =>
  HEADER_BYTES + CHECKSUM_BYTES + (FIELD_COUNT + 1) * (1 + columnSizeBound(count)) + 4 * count; // Wide timestamps take 8 bytes where a value takes 4.

const MAXIMUM_SEGMENT_BYTES = encodedSizeBound(MAXIMUM_SEGMENT_POSITIONS);

// Neither encoding nor decoding awaits, so one set of scratch memory serves every call.
let scratch = byteWriter(64 * 1024);
let scratchValues = new Int32Array(1024);
const presentCounts = new Int32Array(FIELD_COUNT);

/** Whether bytes are a segment, by the first one. JSON never is. */
export const isSegment = (bytes: Uint8Array): boolean =>
  bytes[0] >= UNCHECKED && bytes[0] <= CHECKED_COMPRESSED;

/**
 * Positions `from` (inclusive) to `to` (exclusive) as bytes. The same positions give the same bytes. Exact
 * for any values in any order. Throws SegmentError for more than MAXIMUM_SEGMENT_POSITIONS, and for a
 * timestamp that is no integer from 0 to 8.64e15.
 */
export const encodeSegment = (buffer: PositionBuffer, from = 0, to = buffer.count): Uint8Array => {
  const count = to - from;
  if (!(from >= 0 && count >= 0 && to <= buffer.count)) {
    throw new RangeError(`positions ${from} to ${to} are not within the buffer's ${buffer.count}`);
  }
  if (count > MAXIMUM_SEGMENT_POSITIONS) {
    throw new SegmentError(
      `${count} positions are more than the ${MAXIMUM_SEGMENT_POSITIONS} that a segment holds`,
    );
  }
  const out = scratchOf(encodedSizeBound(count));
  const { bytes } = out;
  bytes[0] = CHECKED;
  let offset = writeUnsigned(bytes, 1, count);
  if (count === 0) return withChecksum(out, offset);
  offset = writeUnsigned(bytes, offset, countPresent(buffer, from, to));
  offset = encodeTimestamps(out, offset, buffer.timestampsMs, from, count);
  for (let field = 0; field < FIELD_COUNT; field++) {
    const present = presentCounts[field];
    if (present > 0) {
      offset = encodeField(out, offset, buffer.columns[field], from, count, present, isSteady(field));
    }
  }
  return withChecksum(out, offset);
};

/** A copy of the first `length` bytes, with their checksum at its end. */
const withChecksum = ({ bytes, view }: ByteWriter, length: number): Uint8Array => {
  view.setInt32(length, crc32c(bytes, 0, length), true);
  return bytes.slice(0, length + CHECKSUM_BYTES);
};

/**
 * Decodes a segment of any version, compressed or not, and appends its positions to `into`. Throws
 * SegmentError, and leaves `into` with the positions it had, for any bytes that are not one, in time and
 * memory bounded by MAXIMUM_SEGMENT_POSITIONS.
 */
export const decodeSegment = (
  bytes: Uint8Array,
  compression?: SegmentCompression,
  into?: PositionBuffer,
): PositionBuffer => {
  const reader = readerOf(contentOf(bytes, compression));
  const count = readUnsigned(reader);
  if (count > MAXIMUM_SEGMENT_POSITIONS) {
    throw new SegmentError(`the segment claims ${count} positions; it may hold ${MAXIMUM_SEGMENT_POSITIONS}`);
  }
  const positions = into ?? new PositionBuffer(count);
  if (count > 0) decodePositions(reader, positions, count);
  if (reader.offset !== reader.end) throw new SegmentError("the segment has bytes after its end");
  positions.count += count;
  return positions;
};

const decodePositions = (reader: ByteReader, into: PositionBuffer, count: number): void => {
  into.reserve(into.count + count);
  if (scratchValues.length < count) scratchValues = new Int32Array(2 * count);
  let fields = readUnsigned(reader);
  if (fields >= 2 ** FIELD_COUNT) throw new SegmentError("the segment has a field that is not known");
  decodeTimestamps(reader, into, count);
  for (let field = 0; field < FIELD_COUNT; field++, fields >>= 1) {
    const column = into.columns[field];
    if ((fields & 1) === 1) decodeField(reader, column, into.count, count);
    else column.fill(ABSENT, into.count, into.count + count);
  }
};

/**
 * A segment from encodeSegment compressed, or itself when that is not smaller; decodeSegment takes either.
 */
export const compressSegment = (bytes: Uint8Array, compression: SegmentCompression): Uint8Array => {
  const compressed = compression.compress(bytes.subarray(1, bytes.length - CHECKSUM_BYTES));
  const length = 1 + compressed.length;
  if (length + CHECKSUM_BYTES >= bytes.length) return bytes;
  const wrapped = new Uint8Array(length + CHECKSUM_BYTES);
  wrapped[0] = CHECKED_COMPRESSED;
  wrapped.set(compressed, 1);
  new DataView(wrapped.buffer).setInt32(length, crc32c(wrapped, 0, length), true);
  return wrapped;
};

/** What a segment of any version holds between its version and its checksum, uncompressed. */
const contentOf = (bytes: Uint8Array, compression: SegmentCompression | undefined): Uint8Array => {
  switch (bytes[0]) {
    case CHECKED:
      return checkedContent(bytes);
    case CHECKED_COMPRESSED:
      return decompress(checkedContent(bytes), compression);
    case UNCHECKED:
      return bytes.subarray(1);
    case UNCHECKED_COMPRESSED: {
      const segment = decompress(bytes.subarray(1), compression);
      if (segment[0] === UNCHECKED) return segment.subarray(1);
    }
  }
  throw new SegmentError("the bytes are not a segment of a known version");
};

const checkedContent = (bytes: Uint8Array): Uint8Array => {
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < 1) throw endsEarly();
  const checksum = bytes[end] | (bytes[end + 1] << 8) | (bytes[end + 2] << 16) | (bytes[end + 3] << 24);
  if (checksum !== crc32c(bytes, 0, end)) {
    throw new SegmentError("the segment is damaged: its checksum is that of other bytes");
  }
  return bytes.subarray(1, end);
};

const decompress = (bytes: Uint8Array, compression: SegmentCompression | undefined): Uint8Array => {
  if (compression === undefined) {
    throw new SegmentError("the segment is compressed, and no compression was given");
  }
  try {
    return compression.decompress(bytes, MAXIMUM_SEGMENT_BYTES);
  } catch (cause) {
    throw new SegmentError("the segment can't be decompressed", { cause });
  }
};

/**
 * Place, elevation, bearing and speed: what moves along with a vehicle. Only there differences of differences
 * pay. The bound of an open segment's size counts on them for the place and the time.
 */
const isSteady = (field: number): boolean => field <= SPEED && field !== ACCURACY;

/** Fills `presentCounts`; returns the bit set of the fields that any position has. */
const countPresent = (buffer: PositionBuffer, from: number, to: number): number => {
  let fields = 0;
  for (let field = 0; field < FIELD_COUNT; field++) {
    const column = buffer.columns[field];
    const present = presentCount(column, from, to);
    presentCounts[field] = present;
    if (present > 0) fields |= 1 << field;
  }
  return fields;
};

/** How many values are not absent: in most columns all are, so four at a time are asked first. */
const presentCount = (column: Int32Array, from: number, to: number): number => {
  let index = from;
  for (; index + 4 <= to; index += 4) {
    if (column[index] === ABSENT || column[index + 1] === ABSENT) break;
    if (column[index + 2] === ABSENT || column[index + 3] === ABSENT) break;
  }
  let present = index - from;
  for (; index < to; index++) if (column[index] !== ABSENT) present++;
  return present;
};

const encodeField = (
  out: ByteWriter,
  header: number,
  column: Int32Array,
  from: number,
  count: number,
  present: number,
  isSteady: boolean,
): number => {
  const { bytes } = out;
  bytes[header] = 0;
  if (present === count)
    return encodeColumn(out, header, header + 1, column, from, count, column[from], isSteady);
  const offset = writePresence(bytes, header, header + 1, column, from, count);
  const values = scratchFor(count);
  let next = 0;
  for (let index = from; index < from + count; index++) {
    if (column[index] !== ABSENT) values[next++] = column[index];
  }
  return encodeColumn(out, header, offset, values, 0, present, values[0], isSteady);
};

const decodeField = (reader: ByteReader, column: Int32Array, at: number, count: number): void => {
  const header = readHeader(reader);
  if ((header & PRESENCE_MASK) === 0) {
    decodeColumn(reader, header, column, at, count, false);
    return;
  }
  const flags = readPresence(reader, header, count);
  let present = 0;
  for (let index = 0; index < count; index++) present += flags[index];
  if (present === 0) throw new SegmentError("a column holds no value");
  decodeColumn(reader, header, scratchValues, 0, present, false);
  let next = 0;
  for (let index = 0; index < count; index++) {
    column[at + index] = flags[index] === 1 ? scratchValues[next++] : ABSENT;
  }
};

const scratchOf = (capacity: number): ByteWriter => {
  if (scratch.bytes.length < capacity + SPARE_BYTES) scratch = byteWriter(capacity);
  return scratch;
};

/** Reads a copy with spare memory after its end. */
const readerOf = (content: Uint8Array): ByteReader => {
  const { bytes, view } = scratchOf(content.length);
  bytes.set(content);
  return { bytes, view, end: content.length, offset: 0 };
};

const scratchFor = (count: number): Int32Array => {
  if (scratchValues.length < count) scratchValues = new Int32Array(2 * count);
  return scratchValues;
};
