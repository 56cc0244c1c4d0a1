import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyRuns } from "../../test/property-runs.ts";
import { LATE_SEGMENT_SPAN_MS, type StoredSegment } from "../core/track/track-store.ts";
import { overlaps, segmentKey, segmentKeyRanges, timestampOfKey } from "./segment-key.ts";

const timestampMs = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }),
  fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
  fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
);
const sequenceNumber = fc.bigInt({ min: 0n, max: 10n ** 56n - 1n }).map(String);

const within = (key: string, range: { from: string; to: string } | undefined): boolean =>
  range !== undefined && range.from <= key && key <= range.to;

describe("segmentKey", () => {
  it("sorts as text the way times sort as numbers, and tells the time again", () => {
    fc.assert(
      fc.property(timestampMs, timestampMs, sequenceNumber, (one, other, sequence) => {
        for (const kind of ["sealed", "late"] as const) {
          const keyAt = (firstTimestampMs: number) =>
            segmentKey({ kind, firstTimestampMs, ...(kind === "late" && { sequenceNumber: sequence }) });
          expect(keyAt(one) < keyAt(other)).toBe(one < other);
          expect(timestampOfKey(keyAt(one))).toBe(one);
        }
      }),
    );
  });

  it("sorts late segments of one time by the numbers of their records, and tells them apart", () => {
    fc.assert(
      fc.property(timestampMs, sequenceNumber, sequenceNumber, (firstTimestampMs, one, other) => {
        const keyOf = (sequence: string) =>
          segmentKey({ kind: "late", firstTimestampMs, sequenceNumber: sequence });
        expect(keyOf(one) < keyOf(other)).toBe(BigInt(one) < BigInt(other));
        expect(keyOf(one) === keyOf(other)).toBe(one === other);
      }),
    );
  });
});

describe("segmentKeyRanges", () => {
  it("leaves out no segment that may hold a position of the range", () => {
    const scenario = fc.record({
      kind: fc.constantFrom("sealed" as const, "late" as const),
      firstTimestampMs: fc.integer({ min: 0, max: 10_000_000 }),
      spanMs: fc.integer({ min: 0, max: LATE_SEGMENT_SPAN_MS }),
      fromMs: fc.double({ min: -1_000, max: 10_000_000, noNaN: true }),
      lengthMs: fc.double({ min: 0, max: 10_000_000, noNaN: true }),
      sequenceNumber,
    });
    fc.assert(
      fc.property(scenario, ({ spanMs, fromMs, lengthMs, ...given }) => {
        const lastTimestampMs = given.firstTimestampMs + spanMs;
        const segment: StoredSegment = {
          ...given,
          lastTimestampMs,
          positionCount: 1,
          data: new Uint8Array(),
        };
        const range = { fromMs, toMs: fromMs + lengthMs };
        fc.pre(overlaps(segment, range));
        const { sealed, sealedBefore, late } = segmentKeyRanges(range);
        const key = segmentKey(segment);
        const found =
          segment.kind === "late" ? within(key, late) : within(key, sealed) || within(key, sealedBefore);
        expect(found).toBe(true);
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });
});
