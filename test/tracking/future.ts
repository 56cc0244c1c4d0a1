import fc from "fast-check";
import type { TrackedRecord } from "../../lib/core/device/track-records.ts";
import type { Position } from "../../lib/core/position/position.ts";
import { PositionBuffer } from "../../lib/core/position/position-buffer.ts";
import { encodeSegment } from "../../lib/core/segment/segment.ts";

/*
 * A device whose clock was ahead while a lenient rule allowed it, and what it sends after a stricter rule
 * takes over.
 */

export const DEVICE = "car-1";
export const START_MS = Date.UTC(2026, 10, 20, 12);
const FIRST_SEQUENCE_NUMBER = 49590338271490256608559692538361571095921575989136588898n;
const STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/positions";
const HOUR_MS = 3_600_000;

/** Accepts any clock that is at most a day ahead. */
export const LENIENT = { earliestMs: 0, maximumAheadMs: 24 * HOUR_MS };
export const STRICT = { earliestMs: 0, maximumAheadMs: 5 * 60_000 };

/** A device's nth record, which reached the stream at `arrivedAtMs`. */
export const recordAt = (
  number: number,
  arrivedAtMs: number,
  positions: readonly Position[],
): TrackedRecord => {
  const sequenceNumber = String(FIRST_SEQUENCE_NUMBER + BigInt(number));
  return {
    recordId: `shardId-000000000000:${sequenceNumber}`,
    stream: STREAM,
    sequenceNumber,
    partitionKey: DEVICE,
    arrivedAtMs,
    data: encodeSegment(PositionBuffer.from(positions)),
  };
};

/** On a way to the north-east, whatever the clock says. */
export const positionAt = (timestampMs: number): Position => {
  const second = Math.abs(timestampMs - START_MS) / 1000;
  const latitude = Math.round(450_000_000 + ((second * 900) % 90_000_000)) / 1e7;
  return { timestampMs, latitude, longitude: 7 + (second % 7) / 1e4, speedMetersPerSecond: 10 };
};

/** Hours that the clock is ahead; 0 is a right clock. */
const ahead = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constantFrom(1, 3, 12, 23.9) },
);

const records = (maximum: number) =>
  fc.array(
    fc.record({
      ahead,
      // A record can bring many seconds' positions, out of order, so that tails are sealed.
      count: fc.constantFrom(1, 2, 60, 150),
      late: fc.oneof(
        { weight: 4, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.nat({ max: 900 }) },
      ),
      backwards: fc.boolean(),
    }),
    { minLength: 1, maxLength: maximum },
  );

export interface FutureWorld {
  readonly lenient: readonly TrackedRecord[];
  readonly strict: readonly TrackedRecord[];
  /** Every sent position, in the order of sending. */
  readonly sent: readonly Position[];
}

/** Some records under the lenient rule, perhaps an hour of silence, and some under the strict rule. */
export const futureWorlds: fc.Arbitrary<FutureWorld> = fc
  .record({ before: records(6), after: records(4), silence: fc.constantFrom(0, 60_000, 4 * HOUR_MS) })
  .map(({ before, after, silence }) => {
    let nowMs = START_MS;
    const sent: Position[] = [];
    const all = [...before, ...after].map((each, index) => {
      if (index === before.length) nowMs += silence;
      nowMs += each.count * 1000;
      const times = Array.from(
        { length: each.count },
        (_, place) => nowMs - place * 1000 - each.late * 1000 + each.ahead * HOUR_MS,
      );
      const positions = (each.backwards ? times : times.toReversed()).map(positionAt);
      sent.push(...positions);
      return recordAt(index, nowMs, positions);
    });
    return { lenient: all.slice(0, before.length), strict: all.slice(before.length), sent };
  });
