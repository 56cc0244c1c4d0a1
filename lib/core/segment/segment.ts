import { SegmentError } from "../errors.ts";
import { ABSENT, ACCURACY, POSITION_FIELDS, SPEED } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { decodeColumn, readHeader } from "./column-decoder.ts";
import { columnSizeBound, encodeColumn } from "./column-encoder.ts";
import { PRESENCE_MASK } from "./column-format.ts";
import type { SegmentCompression } from "./compression.ts";
import { readPresence, writePresence } from "./presence.ts";
import { decodeTimestamps, encodeTimestamps } from "./timestamps.ts";
import {
  type ByteReader,
  type ByteWriter,
  byteWriter,
  readUnsigned,
  SPARE_BYTES,
  writeUnsigned,
} from "./varint.ts";

// A segment is: the version; the count; which fields occur, one bit each in the order of POSITION_FIELDS; the timestamps;
// then a column for each field that occurs. A field that no position has costs nothing. docs/decisions/0005 says why.

/** The first byte of a segment as encodeSegment makes it. Like every later one, it begins no JSON text in UTF-8. */
const VERSION = 1;
/** The first byte of a compressed segment; a whole segment, with its version, is inside. */
const COMPRESSED = 2;

/** What one segment holds at most, whatever its bytes say: equal positions cost nothing, so their count must end somewhere. */
export const MAXIMUM_SEGMENT_POSITIONS = 65_536;

const HEADER_BYTES = 16;
const FIELD_COUNT = POSITION_FIELDS.length;

const encodedSizeBound = (count: number): number =>
  HEADER_BYTES + (FIELD_COUNT + 1) * (1 + columnSizeBound(count)) + 4 * count; // Wide timestamps take 8 bytes where a value takes 4.

const MAXIMUM_SEGMENT_BYTES = encodedSizeBound(MAXIMUM_SEGMENT_POSITIONS);

// Neither encoding nor decoding awaits, so one set of scratch memory serves every call.
let scratch = byteWriter(64 * 1024);
let scratchValues = new Int32Array(1024);
const presentCounts = new Int32Array(FIELD_COUNT);

/** Whether bytes are a segment, by their first one. JSON is not. */
export const isSegment = (bytes: Uint8Array): boolean => bytes[0] === VERSION || bytes[0] === COMPRESSED;

/**
 * Positions `from` (inclusive) to `to` (exclusive) as bytes. The same positions give the same bytes. Exact for
 * any values in any order. Raises SegmentError for more than MAXIMUM_SEGMENT_POSITIONS, and for a timestamp that is
 * no integer from 0 to 8.64e15.
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
  bytes[0] = VERSION;
  let offset = writeUnsigned(bytes, 1, count);
  if (count === 0) return bytes.slice(0, offset);
  offset = writeUnsigned(bytes, offset, countPresent(buffer, from, to));
  offset = encodeTimestamps(out, offset, buffer.timestampsMs, from, count);
  for (let field = 0; field < FIELD_COUNT; field++) {
    const present = presentCounts[field];
    if (present > 0) {
      offset = encodeField(out, offset, buffer.columns[field], from, count, present, isSteady(field));
    }
  }
  return bytes.slice(0, offset);
};

/**
 * Decodes a segment, compressed or not, and appends its positions to `into`. Raises SegmentError, and leaves `into`
 * with the positions it had, for any bytes that are not one, in time and memory bounded by MAXIMUM_SEGMENT_POSITIONS.
 */
export const decodeSegment = (
  bytes: Uint8Array,
  compression?: SegmentCompression,
  into?: PositionBuffer,
): PositionBuffer => {
  const reader = readerOf(decompressSegment(bytes, compression));
  const count = readUnsigned(reader);
  if (count > MAXIMUM_SEGMENT_POSITIONS) {
    throw new SegmentError(`the segment claims ${count} positions; it may hold ${MAXIMUM_SEGMENT_POSITIONS}`);
  }
  const positions = into ?? new PositionBuffer(count);
  if (count > 0) decodePositions(reader, positions, count);
  if (reader.offset !== reader.end) throw new SegmentError("the segment has bytes behind its end");
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

/** The segment compressed, or itself when that is not smaller; decodeSegment takes either. */
export const compressSegment = (bytes: Uint8Array, compression: SegmentCompression): Uint8Array => {
  const compressed = compression.compress(bytes);
  if (compressed.length + 1 >= bytes.length) return bytes;
  const wrapped = new Uint8Array(compressed.length + 1);
  wrapped[0] = COMPRESSED;
  wrapped.set(compressed, 1);
  return wrapped;
};

const decompressSegment = (bytes: Uint8Array, compression: SegmentCompression | undefined): Uint8Array => {
  let segment = bytes;
  if (bytes[0] === COMPRESSED) {
    if (compression === undefined)
      throw new SegmentError("the segment is compressed, and no compression was given");
    try {
      segment = compression.decompress(bytes.subarray(1), MAXIMUM_SEGMENT_BYTES);
    } catch (cause) {
      throw new SegmentError("the segment can't be decompressed", { cause });
    }
  }
  if (segment[0] !== VERSION) throw new SegmentError("the bytes are not a segment of a known version");
  return segment;
};

/**
 * Place, elevation, bearing and speed: what moves along with a vehicle. Only there differences of differences pay. The
 * bound of an open segment's size counts on them for the place and the time.
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

/** Reads a copy, behind whose end there is memory to reach into. */
const readerOf = (segment: Uint8Array): ByteReader => {
  const { bytes, view } = scratchOf(segment.length);
  bytes.set(segment);
  return { bytes, view, end: segment.length, offset: 1 };
};

const scratchFor = (count: number): Int32Array => {
  if (scratchValues.length < count) scratchValues = new Int32Array(2 * count);
  return scratchValues;
};
