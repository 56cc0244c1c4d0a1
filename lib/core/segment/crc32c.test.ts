import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

const sumOf = (bytes: Uint8Array): number => crc32c(bytes, 0, bytes.length) >>> 0;

/** Bit by bit, as the polynomial is defined. */
const slowSum = (bytes: Uint8Array): number => {
  let sum = 0xffff_ffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0x82f6_3b78 : sum >>> 1;
  }
  return ~sum >>> 0;
};

describe("finding 12: the checksum of a segment", () => {
  test.each<[string, Uint8Array, number]>([
    ["nothing", new Uint8Array(), 0],
    ["the digits of the check value", new TextEncoder().encode("123456789"), 0xe306_9283],
    // RFC 3720, B.4.
    ["32 bytes of 0", new Uint8Array(32), 0x8a91_36aa],
    ["32 bytes of 1s", new Uint8Array(32).fill(0xff), 0x62a8_ab43],
    ["0 to 31", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd_794e],
  ])("is CRC-32C: %s", (_, bytes, expected) => {
    expect(sumOf(bytes)).toBe(expected);
  });

  test("is the same eight bytes at a time as bit by bit, from anywhere to anywhere", () => {
    const property = fc.property(
      fc.uint8Array({ maxLength: 70 }),
      fc.nat(9),
      fc.nat(9),
      (bytes, skip, cut) => {
        const [from, to] = [Math.min(skip, bytes.length), Math.max(skip, bytes.length - cut)];
        const end = Math.min(to, bytes.length);
        expect(crc32c(bytes, from, end) >>> 0).toBe(slowSum(bytes.subarray(from, end)));
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
