import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomPositions, seededRandom } from "../../../test/random-segment.ts";
import { zstd } from "../../adapters/zstd.ts";
import { SegmentError } from "../errors.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { compressSegment, decodeSegment, encodeSegment } from "./segment.ts";

// A change of any golden bytes means that segments stored by an earlier version are read wrongly: add a
// version instead.

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Twenty positions with every kind of column. */
const DRIVE = PositionBuffer.from(
  Array.from({ length: 20 }, (_, index) => ({
    timestampMs: 1_577_218_887_999 + 1000 * index + (index === 7 ? 3 : 0),
    latitude: -27.7178416 + 0.0000123 * index + (index % 3) * 1e-7,
    longitude: index < 10 ? 179.9999 : -179.9999,
    speedMetersPerSecond: (index * index) / 10,
    ...(index % 2 === 0 && { hdop: 0.8 }),
    ...(index > 15 && { satellites: 14 - (index % 2) }),
  })),
);
const DRIVE_1 =
  "0114e30106fec49299e75bd00f650a05a005dfa0ab8802f801021101408d1a356ad4a80122d0c7b1cb02b0b8ceb40d9190250a00020211012049922449922401110010041c01011908555505a001";
const DRIVE_3 = `03${DRIVE_1.slice(2)}6d5f962a`;

/** Sixty-four positions that repeat themselves, so that compression pays. */
const BUS = PositionBuffer.from(
  Array.from({ length: 64 }, (_, index) => ({
    timestampMs: 1_577_218_887_000 + 1000 * index,
    latitude: 46.05 + (index % 4) * 1e-5,
    longitude: 14.5 + (index % 8) * 2e-5,
    elevationMeters: 300 + (index % 2),
    accuracyMeters: 3 + (index % 4),
    bearingDegrees: (index % 8) * 45,
    speedMetersPerSecond: index % 8,
    satellites: 9,
  })),
);
const BUS_2 =
  "0228b52ffd20c4b50200040401407f26e807b0b59299e75b02f0302164c0b095b7030211111111922aa90926c8018099a48a01027e0f006e602164e0d4030166262164d8049423002664001207003d20ceb01e1d16151746047603b352da3901";
const BUS_4 =
  "0428b52ffd20c3ad0200f403407f26e807b0b59299e75b02f0302164c0b095b7030211111111922aa90926c8018099a48a01027e0f006e602164e0d4030166262164d8049423002664001207003d20ceb01e1d16151746047603b34ada39010a962556";

describe("finding 12: versions of a segment", () => {
  test.each<[string, string, PositionBuffer]>([
    ["1", DRIVE_1, DRIVE],
    ["2, compressed", BUS_2, BUS],
    ["3, with a checksum", DRIVE_3, DRIVE],
    ["4, compressed, with a checksum", BUS_4, BUS],
  ])("version %s is read as ever", (_, golden, positions) => {
    expect([...decodeSegment(fromHex(golden), zstd)]).toEqual([...positions]);
  });

  test("new ones are of version 3, and 4 where compression pays, with the same bytes as ever", () => {
    expect(toHex(encodeSegment(DRIVE))).toBe(DRIVE_3);
    expect(toHex(compressSegment(encodeSegment(BUS), zstd))).toBe(BUS_4);
    expect(compressSegment(encodeSegment(DRIVE), zstd)[0]).toBe(3);
  });

  test("an empty segment is six bytes; wide timestamps have their own coding", () => {
    expect(toHex(encodeSegment(new PositionBuffer()))).toBe("03004bdf86c5");
    const wide = PositionBuffer.from([
      { timestampMs: 8.64e15, latitude: 1, longitude: 1 },
      { timestampMs: 0, latitude: 1, longitude: 1 },
    ]);
    const golden = "0203038080e0ad9882d91effffdfad9882d91e0080dac4090080dac409";
    expect(toHex(encodeSegment(wide)).slice(2, -8)).toBe(golden);
    expect([...decodeSegment(fromHex(`01${golden}`))]).toEqual([...wide]);
  });
});

describe("finding 12: rot in a segment is seen", () => {
  const isRefused = (bytes: Uint8Array): boolean => {
    try {
      decodeSegment(bytes, zstd);
    } catch (error) {
      return error instanceof SegmentError;
    }
    return false;
  };
  const segmentOf = (seed: number, count: number, compressed: boolean): Uint8Array => {
    const segment = encodeSegment(randomPositions(seededRandom(seed), count));
    return compressed ? compressSegment(segment, zstd) : segment;
  };

  test("every single bit that flips, the version's own included", () => {
    const property = fc.property(fc.integer(), fc.nat(20), fc.boolean(), (seed, count, compressed) => {
      const segment = segmentOf(seed, count, compressed);
      for (let bit = 0; bit < 8 * segment.length; bit++) {
        segment[bit >> 3] ^= 1 << (bit & 7);
        if (!isRefused(segment)) return false;
        segment[bit >> 3] ^= 1 << (bit & 7);
      }
      return !isRefused(segment);
    });
    fc.assert(property, {
      numRuns: 60,
      examples: [
        [1, 0, false],
        [2, 90, false],
        [3, 300, true],
      ],
    });
  });

  test("any error within four bytes in a row, and any missing end", () => {
    const property = fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      fc.integer({ min: 1, max: 0xffff_ffff }),
      (seed, count, place, pattern) => {
        const segment = segmentOf(seed, count, seed % 2 === 0);
        // The first byte decides what the others mean: what it may turn into is another property.
        const at = 1 + (place % (segment.length - 4));
        const broken = segment.slice();
        for (let byte = 0; byte < 4; byte++) broken[at + byte] ^= (pattern >>> (8 * byte)) & 0xff;
        return isRefused(broken) && isRefused(segment.slice(0, place % segment.length));
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });
});
