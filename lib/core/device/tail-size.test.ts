import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { randomPositions, seededRandom } from "../../../test/random-segment.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import { encodeSegment } from "../segment/segment.ts";
import { MAXIMUM_TAIL_SPAN_MS, TailSize } from "./tail-size.ts";

/** A tail is in time order and spans no more than it may. */
const asTail = (positions: PositionBuffer): PositionBuffer => {
  const timestampsMs = positions.timestampsMs.subarray(0, positions.count).sort();
  const span = timestampsMs[positions.count - 1] - timestampsMs[0];
  if (span <= MAXIMUM_TAIL_SPAN_MS) return positions;
  for (let index = 0; index < positions.count; index++) timestampsMs[index] = 1e12 + 997 * index;
  return positions;
};

test("bounds what encodeSegment makes of any tail, however it came", () => {
  const whole = new TailSize();
  const cut = new TailSize();
  const property = fc.property(fc.integer(), fc.integer({ min: 1, max: 120 }), (seed, count) => {
    const random = seededRandom(seed);
    const tail = asTail(randomPositions(random, count));
    whole.reset();
    whole.extend(tail, 0, count, Number.MAX_SAFE_INTEGER);
    cut.reset();
    for (let from = 0; from < count; ) {
      const to = Math.min(count, from + 1 + Math.floor(random() * 20));
      from = cut.extend(tail, from, to, Number.MAX_SAFE_INTEGER);
    }
    expect(cut.bytes).toBe(whole.bytes);
    expect(encodeSegment(tail).length).toBeLessThanOrEqual(whole.bytes);
  });
  fc.assert(property, { numRuns: propertyRuns(5000) });
});
