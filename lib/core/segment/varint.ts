import { SegmentError } from "../errors.ts";

// Numbers of any size up to 2^53, by arithmetic, because bit operations end at 32 bits. For what occurs a few
// times per column; the loops over values have their own 32-bit code.

/** The position of a reader in a segment. */
export interface ByteReader {
  /** The segment, then SPARE_BYTES without meaning. */
  readonly bytes: Uint8Array;
  /** The same memory, for reads of several bytes. */
  readonly view: DataView;
  /** Where the segment ends. */
  readonly end: number;
  offset: number;
}

/** Where a segment is written, with SPARE_BYTES at its end. */
export interface ByteWriter {
  readonly bytes: Uint8Array;
  /** The same memory, for writes of several bytes. */
  readonly view: DataView;
}

/** How far reads and writes of whole blocks and words may go beyond the bytes in use. */
export const SPARE_BYTES = 32 + 4;

export const byteWriter = (capacity: number): ByteWriter => {
  const bytes = new Uint8Array(capacity + SPARE_BYTES);
  return { bytes, view: new DataView(bytes.buffer) };
};

/** Bytes that one number takes at most. */
export const MAXIMUM_VARINT_BYTES = 8;

/** Writes an integer from 0 to 2^53 - 1, seven bits a byte, lowest first. Returns the offset after it. */
export const writeUnsigned = (out: Uint8Array, offset: number, value: number): number => {
  let rest = value;
  let next = offset;
  while (rest >= 0x80) {
    out[next++] = (rest % 0x80) + 0x80;
    rest = Math.floor(rest / 0x80);
  }
  out[next++] = rest;
  return next;
};

/**
 * Writes an integer whose magnitude is below 2^53, zigzag: the sign is the lowest bit. It is never doubled as
 * a number, for that could need a 54th bit.
 */
export const writeSigned = (out: Uint8Array, offset: number, value: number): number => {
  const sign = value < 0 ? 1 : 0;
  const magnitude = sign === 1 ? -1 - value : value;
  const low = (magnitude % 0x40) * 2 + sign;
  if (magnitude < 0x40) {
    out[offset] = low;
    return offset + 1;
  }
  out[offset] = low + 0x80;
  return writeUnsigned(out, offset + 1, Math.floor(magnitude / 0x40));
};

/** Bytes that writeSigned takes for a 32-bit integer. */
export const signedSize = (value: number): number => VARINT_BYTES[Math.clz32((value << 1) ^ (value >> 31))];

/** Bytes of an unsigned 32-bit varint by the count of its leading zero bits. */
export const VARINT_BYTES = Uint8Array.from({ length: 33 }, (_, zeros) =>
  Math.max(1, Math.ceil((32 - zeros) / 7)),
);

export const readByte = (reader: ByteReader): number => {
  if (reader.offset >= reader.end) throw endsEarly();
  return reader.bytes[reader.offset++];
};

export const readUnsigned = (reader: ByteReader): number => {
  let value = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = readByte(reader);
    value += (byte % 0x80) * scale;
    if (value > Number.MAX_SAFE_INTEGER || scale > Number.MAX_SAFE_INTEGER) {
      throw new SegmentError("a number is larger than 53 bits");
    }
    if (byte < 0x80) return value;
  }
};

export const readSigned = (reader: ByteReader): number => {
  const low = readByte(reader);
  const rest = low < 0x80 ? 0 : readUnsigned(reader) * 0x40;
  const magnitude = rest + Math.floor((low % 0x80) / 2);
  if (magnitude > Number.MAX_SAFE_INTEGER) throw new SegmentError("a number is larger than 53 bits");
  return low % 2 === 1 ? -1 - magnitude : magnitude;
};

export const endsEarly = (): SegmentError => new SegmentError("the segment ends in the middle");
