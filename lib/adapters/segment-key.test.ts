import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyRuns } from "../../test/property-runs.ts";
import { LATE_SPAN_MS, type LatePart, lateSpanOf, type SealedSegment } from "../core/track/track-store.ts";
import { overlaps, partsOfKey, reachingInto, segmentKey, segmentKeyRanges } from "./segment-key.ts";

const timestampMs = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }),
  fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
  fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
);

const sealed = (
  firstTimestampMs: number,
  lastTimestampMs: number,
  more: Partial<SealedSegment> = {},
): SealedSegment => ({
  kind: "sealed",
  firstTimestampMs,
  lastTimestampMs,
  positionCount: 1,
  data: new Uint8Array(),
  ...more,
});

const late = (firstTimestampMs: number, lastTimestampMs: number, part = 0): LatePart => ({
  ...sealed(firstTimestampMs, lastTimestampMs),
  kind: "late",
  part,
  revision: 0,
  bringers: new Uint8Array(),
});

const within = (key: string, range: { from: string; to: string } | undefined): boolean =>
  range !== undefined && range.from <= key && key <= range.to;

describe("segmentKey", () => {
  it("sorts as text the way times sort as numbers, and tells the time again", () => {
    fc.assert(
      fc.property(timestampMs, timestampMs, (one, other) => {
        const keyAt = (at: number) => segmentKey(sealed(at, at));
        expect(keyAt(one) < keyAt(other)).toBe(one < other);
        expect(partsOfKey(keyAt(one)).timestampMs).toBe(one);
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });

  it("sorts late parts by their span, then by their number", () => {
    expect(
      segmentKey(late(LATE_SPAN_MS + 5, LATE_SPAN_MS + 9, 9)) <
        segmentKey(late(LATE_SPAN_MS, LATE_SPAN_MS, 10)),
    ).toBe(true);
    expect(segmentKey(late(5, 9, 10)) < segmentKey(late(LATE_SPAN_MS, LATE_SPAN_MS))).toBe(true);
    expect(partsOfKey(segmentKey(late(LATE_SPAN_MS + 5, LATE_SPAN_MS + 9, 9)))).toEqual({
      kind: "late",
      timestampMs: LATE_SPAN_MS,
      rest: "000009",
    });
  });

  it("finding 11: tells sealed segments of one time apart by what they hold, and keeps the key of a damaged one", () => {
    const one = sealed(5, 9, { data: Uint8Array.of(1) });
    const other = sealed(5, 9, { data: Uint8Array.of(2) });
    expect(segmentKey(one)).not.toBe(segmentKey(other));
    const { rest } = partsOfKey(segmentKey(one));
    expect(segmentKey({ ...other, digest: rest })).toBe(segmentKey(one));
    expect(segmentKey({ ...one, digest: "" })).toBe("S#0000000000000005");
  });
});

describe("segmentKeyRanges", () => {
  it("leaves out no segment that may hold a position of the range", () => {
    const scenario = fc.record({
      isLate: fc.boolean(),
      firstTimestampMs: fc.integer({ min: 0, max: 10_000_000 }),
      spanMs: fc.integer({ min: 0, max: LATE_SPAN_MS }),
      fromMs: fc.double({ min: -1_000, max: 10_000_000, noNaN: true }),
      lengthMs: fc.double({ min: 0, max: 10_000_000, noNaN: true }),
    });
    fc.assert(
      fc.property(scenario, ({ isLate, firstTimestampMs, spanMs, fromMs, lengthMs }) => {
        const last = firstTimestampMs + spanMs;
        const segment = isLate
          ? late(firstTimestampMs, Math.min(last, lateSpanOf(firstTimestampMs) + LATE_SPAN_MS - 1))
          : sealed(firstTimestampMs, last);
        const range = { fromMs, toMs: fromMs + lengthMs };
        fc.pre(overlaps(segment, range));
        const ranges = segmentKeyRanges(range);
        const key = segmentKey(segment);
        const isFound = isLate
          ? within(key, ranges.late)
          : within(key, ranges.sealed) || within(key, ranges.sealedBefore);
        expect(isFound).toBe(true);
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });
});

describe("finding 11: looking back over sealed segments", () => {
  it("ends at the newest one where none can overlap, and where the next is older than what it was sealed after", async () => {
    let read = 0;
    const counted = function* (...segments: SealedSegment[]) {
      for (const segment of segments) {
        read++;
        yield segment;
      }
    };
    const [a, b, c] = [
      sealed(10, 19),
      sealed(20, 29, { sealedAfterMs: 19 }),
      sealed(30, 39, { sealedAfterMs: 29 }),
    ];
    expect(await reachingInto(counted(c, b, a))).toEqual([c]);
    expect(read).toBe(2);
    expect(await reachingInto(counted(a))).toEqual([a]);
    expect(await reachingInto([])).toEqual([]);
  });
});
