import { SegmentError } from "../errors.ts";
import { ABSENT } from "../position/position.ts";
import { PRESENCE_BITMAP, PRESENCE_MASK, PRESENCE_RUNS } from "./column-format.ts";
import { type ByteReader, endsEarly, readUnsigned, writeUnsigned } from "./varint.ts";

// Which positions of a column have a value, where some have and some have not.

/**
 * Writes the presence in the smaller form behind a header byte, which gets the form's bit. Returns the offset
 * after it.
 */
export const writePresence = (
  out: Uint8Array,
  header: number,
  offset: number,
  values: Int32Array,
  from: number,
  count: number,
): number => {
  const bitmapBytes = Math.ceil(count / 8);
  const end = writeRuns(out, offset, values, from, count, offset + bitmapBytes);
  if (end !== undefined) {
    out[header] |= PRESENCE_RUNS;
    return end;
  }
  out[header] |= PRESENCE_BITMAP;
  out.fill(0, offset, offset + bitmapBytes);
  for (let index = 0; index < count; index++) {
    if (values[from + index] !== ABSENT) out[offset + (index >> 3)] |= 1 << (index & 7);
  }
  return offset + bitmapBytes;
};

/** Undefined when the runs would reach beyond `limit`. */
const writeRuns = (
  out: Uint8Array,
  offset: number,
  values: Int32Array,
  from: number,
  count: number,
  limit: number,
): number | undefined => {
  let next = offset;
  let isPresent = true;
  let run = 0;
  for (let index = from; index < from + count; index++) {
    if ((values[index] !== ABSENT) === isPresent) run++;
    else {
      if (next >= limit) return undefined;
      next = writeUnsigned(out, next, run);
      isPresent = !isPresent;
      run = 1;
    }
  }
  if (next >= limit) return undefined;
  next = writeUnsigned(out, next, run);
  return next <= limit ? next : undefined;
};

let flags = new Uint8Array(1024);

/**
 * Reads the presence that the header byte announces: one byte per position, 1 where it has a value. The array
 * is overwritten by the next call.
 */
export const readPresence = (reader: ByteReader, header: number, count: number): Uint8Array => {
  if (flags.length < count) flags = new Uint8Array(2 * count);
  switch (header & PRESENCE_MASK) {
    case PRESENCE_BITMAP:
      readBitmap(reader, count);
      return flags;
    case PRESENCE_RUNS:
      readRuns(reader, count);
      return flags;
    default:
      throw new SegmentError("a column has an unknown presence");
  }
};

const readBitmap = (reader: ByteReader, count: number): void => {
  const { bytes, offset } = reader;
  reader.offset += Math.ceil(count / 8);
  if (reader.offset > reader.end) throw endsEarly();
  for (let index = 0; index < count; index++)
    flags[index] = (bytes[offset + (index >> 3)] >> (index & 7)) & 1;
};

const readRuns = (reader: ByteReader, count: number): void => {
  let isPresent = 1;
  for (let index = 0; index < count; isPresent ^= 1) {
    const run = readUnsigned(reader);
    if (run > count - index) throw new SegmentError("a column's presence reaches beyond its end");
    flags.fill(isPresent, index, index + run);
    index += run;
  }
};
