// CRC-32C (Castagnoli), as iSCSI and ext4 use it: it finds every error of up to 32 bits in a row, and up to
// about 650 bytes, which is what a live device seals, any 5 flipped bits. Eight bytes at a time by eight
// tables ("slicing by 8"), about 1 ns a byte.

const REVERSED_POLYNOMIAL = 0x82f6_3b78;
const SLICES = 8;

/** Table `slice` holds what a byte does to the sum when `slice` more bytes follow it. */
const makeTables = (): Int32Array => {
  const tables = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? REVERSED_POLYNOMIAL : 0);
    tables[byte] = sum;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256];
    tables[index] = (before >>> 8) ^ tables[before & 0xff];
  }
  return tables;
};

const TABLES = makeTables();

/** The checksum of bytes `from` (inclusive) to `to` (exclusive), as a signed 32-bit integer. */
export const crc32c = (bytes: Uint8Array, from: number, to: number): number => {
  let sum = -1;
  let at = from;
  for (; at + SLICES <= to; at += SLICES) {
    const word = sum ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
    sum =
      TABLES[0x700 | (word & 0xff)] ^
      TABLES[0x600 | ((word >>> 8) & 0xff)] ^
      TABLES[0x500 | ((word >>> 16) & 0xff)] ^
      TABLES[0x400 | (word >>> 24)] ^
      TABLES[0x300 | bytes[at + 4]] ^
      TABLES[0x200 | bytes[at + 5]] ^
      TABLES[0x100 | bytes[at + 6]] ^
      TABLES[bytes[at + 7]];
  }
  for (; at < to; at++) sum = (sum >>> 8) ^ TABLES[(sum ^ bytes[at]) & 0xff];
  return ~sum;
};
