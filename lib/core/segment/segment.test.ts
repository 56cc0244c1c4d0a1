import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { mutateBytes, type Random, randomPositions, seededRandom } from "../../../test/random-segment.ts";
import { zstd } from "../../adapters/zstd.ts";
import { SegmentError } from "../errors.ts";
import { ABSENT } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import {
  CHECKSUM_BYTES,
  compressSegment,
  decodeSegment,
  encodeSegment,
  isSegment,
  MAXIMUM_SEGMENT_POSITIONS,
} from "./segment.ts";

/** The first difference between `actual`, from `at` on, and the wanted part of `expected`, or undefined. */
const difference = (
  actual: PositionBuffer,
  expected: PositionBuffer,
  from = 0,
  to = expected.count,
  at = 0,
): string | undefined => {
  if (actual.count !== at + to - from) return `count ${actual.count}`;
  for (let index = from; index < to; index++) {
    const found = actual.timestampsMs[at + index - from];
    if (!Object.is(found, expected.timestampsMs[index])) return `timestamp ${index}: ${found}`;
    for (let field = 0; field < expected.columns.length; field++) {
      const value = actual.columns[field][at + index - from];
      if (value !== expected.columns[field][index]) return `field ${field} of ${index}: ${value}`;
    }
  }
  return undefined;
};

describe("round trip", () => {
  test("is exact for segments of any values", { timeout: 60_000 }, () => {
    const reused = new PositionBuffer();
    const property = fc.property(fc.integer(), fc.nat(40), (seed, count) => {
      const positions = randomPositions(seededRandom(seed), count);
      reused.count = 0;
      decodeSegment(encodeSegment(positions), undefined, reused);
      return difference(reused, positions) === undefined;
    });
    fc.assert(property, { numRuns: propertyRuns(100_000) });
  });

  test("is exact for long segments, slices, appending and compression", () => {
    const property = fc.property(fc.integer(), fc.integer({ min: 1, max: 3000 }), (seed, count) => {
      const random = seededRandom(seed);
      const positions = randomPositions(random, count);
      const from = Math.floor(random() * count);
      const to = from + Math.floor(random() * (count - from + 1));
      const segment = encodeSegment(positions, from, to);
      const compressed = compressSegment(segment, zstd);
      expect(compressed.length).toBeLessThanOrEqual(segment.length);
      const into = randomPositions(random, 5);
      decodeSegment(compressed, zstd, into);
      expect(difference(into, positions, from, to, 5)).toBeUndefined();
    });
    fc.assert(property, { numRuns: propertyRuns(500) });
  });

  test("is exact for the longest segment there may be, and that is the limit", () => {
    const positions = randomPositions(seededRandom(7), MAXIMUM_SEGMENT_POSITIONS + 1);
    const decoded = decodeSegment(encodeSegment(positions, 1));
    expect(difference(decoded, positions, 1)).toBeUndefined();
    expect(() => encodeSegment(positions)).toThrow(SegmentError);
  });

  test("the bytes depend on the positions alone", () => {
    const positions = randomPositions(seededRandom(3), 100);
    const before = encodeSegment(positions);
    encodeSegment(randomPositions(seededRandom(4), 1000));
    expect(encodeSegment(positions)).toEqual(before);
  });
});

describe("size", () => {
  const standing = (count: number): PositionBuffer =>
    PositionBuffer.from(
      Array.from({ length: count }, (_, index) => ({
        timestampMs: 1_577_218_887_999 + 1000 * index,
        latitude: 47.5,
        longitude: 19.25,
        satellites: 14,
      })),
    );

  test("absent fields, constant fields and a steady clock cost nothing per position", () => {
    expect(encodeSegment(standing(10)).length).toBeLessThan(40);
    expect(encodeSegment(standing(10_000)).length).toBeLessThan(44);
  });

  test("an outlier costs its own block, not the column", () => {
    const positions = standing(800);
    for (let index = 0; index < 800; index++) positions.columns[2][index] = (index * 7919) % 200;
    const before = encodeSegment(positions).length;
    positions.columns[2][400] = 0x7fff_ffff;
    expect(encodeSegment(positions).length - before).toBeLessThan(64);
  });
});

describe("arbitrary bytes", () => {
  const anyBytes = (random: Random, length: number): Uint8Array => {
    const kind = Math.floor(random() * 4);
    const bytes = Uint8Array.from({ length }, () => Math.floor(random() * 256));
    if (kind === 0) return bytes;
    if (kind === 1) {
      bytes.set([1, Math.floor(random() * 64)].slice(0, length));
      return bytes;
    }
    // Without a checksum, so that what is broken reaches the decoder.
    const segment = withoutChecksum(encodeSegment(randomPositions(random, length)));
    return mutateBytes(random, kind === 2 ? segment : Uint8Array.from([2, ...zstd.compress(segment)]));
  };

  test("decode to a valid buffer or to a SegmentError", { timeout: 60_000 }, () => {
    const into = new PositionBuffer();
    let decoded = 0;
    let refused = 0;
    const property = fc.property(fc.integer(), fc.nat(40), (seed, length) => {
      const bytes = anyBytes(seededRandom(seed), length);
      into.count = 0;
      try {
        decodeSegment(bytes, zstd, into);
      } catch (error) {
        refused++;
        return error instanceof SegmentError && into.count === 0;
      }
      decoded++;
      if (into.count > 1000) return into.count <= MAXIMUM_SEGMENT_POSITIONS;
      return difference(decodeSegment(encodeSegment(into)), into) === undefined;
    });
    fc.assert(property, { numRuns: propertyRuns(100_000) });
    // Both branches were really exercised.
    expect(Math.min(decoded, refused)).toBeGreaterThan(propertyRuns(100_000) / 100);
  });

  test.each<[string, number[]]>([
    ["nothing", []],
    ["another version", [5, 0]],
    ["JSON", [...Buffer.from("{}")]],
    ["no count", [1]],
    ["a count without end", [1, ...Array.from({ length: 30 }, () => 0x80)]],
    ["more positions than there may be", [1, 0x81, 0x80, 0x04, 0, 0, 0]],
    ["bytes behind its end", [1, 0, 0]],
    ["an unknown field", [1, 1, 0x80, 0x20, 0, 0]],
    ["a timestamp before 1970", [1, 1, 0, 0, 1]],
    ["an unknown coding of a column", [1, 2, 0, 0x40, 1]],
    ["a compressed segment in a compressed segment", [...compressSegmentTwice()]],
    ["what zstd does not know", [2, 1, 2, 3]],
    ["a frame that wants a window of 8 GiB", [2, 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xb8, 0x09, 0x00, 0x00, 0x01]],
  ])("%s is refused", (_, bytes) => {
    expect(() => decodeSegment(Uint8Array.from(bytes), zstd)).toThrow(SegmentError);
  });

  test("a bomb is refused before it is unpacked", () => {
    const bomb = zstd.compress(new Uint8Array(64 * 1024 * 1024));
    const started = process.memoryUsage().arrayBuffers;
    expect(() => decodeSegment(Uint8Array.from([2, ...bomb]), zstd)).toThrow(SegmentError);
    expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(16 * 1024 * 1024);
  });

  test("a compressed segment needs a compression", () => {
    const segment = compressSegment(encodeSegment(randomPositions(seededRandom(11), 500)), zstd);
    expect(segment[0]).toBe(4);
    expect(() => decodeSegment(segment)).toThrow("compressed");
  });
});

function compressSegmentTwice(): number[] {
  const inner = [2, ...zstd.compress(Uint8Array.of(1, 0))];
  return [2, ...zstd.compress(Uint8Array.from(inner))];
}

/** The same positions in version 1. */
function withoutChecksum(segment: Uint8Array): Uint8Array {
  return Uint8Array.from([1, ...segment.subarray(1, -CHECKSUM_BYTES)]);
}

test("the first byte tells a segment from JSON", () => {
  expect(isSegment(encodeSegment(new PositionBuffer()))).toBe(true);
  for (const text of ["{", "[", '"', " ", "\n", "\r", "\t", "7", "-", "t", "\ufeff{"]) {
    expect(isSegment(new TextEncoder().encode(text))).toBe(false);
  }
});

test("a timestamp that is no integer within a Date's range can't be encoded", () => {
  for (const timestampMs of [-1, 0.5, Number.NaN, 8.64e15 + 1, Number.POSITIVE_INFINITY]) {
    const positions = PositionBuffer.from([
      { timestampMs: 5, latitude: 0, longitude: 0 },
      { timestampMs, latitude: 0, longitude: 0 },
    ]);
    expect(() => encodeSegment(positions)).toThrow(SegmentError);
    expect(() => encodeSegment(positions, 1)).toThrow(SegmentError);
  }
  expect(() => encodeSegment(new PositionBuffer(), 0, 1)).toThrow(RangeError);
  expect(ABSENT).toBe(-(2 ** 31));
});
