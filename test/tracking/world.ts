import fc from "fast-check";
import type { TrackedRecord } from "../../lib/core/device/track-records.ts";
import { POSITION_FIELDS, type Position } from "../../lib/core/position/position.ts";
import { PositionBuffer } from "../../lib/core/position/position-buffer.ts";
import { encodeSegment } from "../../lib/core/segment/segment.ts";

/** A stream record, and the positions that a reader must find in it: none in a poison record. */
export interface WorldRecord {
  readonly record: TrackedRecord;
  readonly positions: readonly Position[];
}

export const START_MS = Date.UTC(2026, 10, 20, 12);
/** When the stream was created. */
export const CREATED_MS = START_MS + 29 * 24 * 3_600_000;
/** Positions are so far apart that one record's late ones span more than a late segment can. */
const STEP_MS = 2 * 60 * 1000;
const STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/positions";
/** As long as Kinesis's; the numbers pass a power of ten, where text order and number order differ. */
const FIRST_SEQUENCE_NUMBER = 99999999999999999999999999999999999999999999999999999970n;

const encoder = new TextEncoder();

/** Values on the quanta, so that reading returns exactly what was sent. */
const values: fc.Arbitrary<Omit<Position, "timestampMs">> = fc
  .record(
    Object.fromEntries(
      POSITION_FIELDS.map(({ name, quantaPerUnit, minimum, maximum }) => [
        name,
        fc
          .integer({ min: minimum * quantaPerUnit, max: Math.min(maximum * quantaPerUnit, 2 ** 31 - 1) })
          .map((quanta) => quanta / quantaPerUnit),
      ]),
    ),
    { requiredKeys: ["latitude", "longitude"] },
  )
  .map((record) => record as unknown as Omit<Position, "timestampMs">);

/** Slowly around one place: the distance filter's result depends on what came before. */
const nearby: fc.Arbitrary<Omit<Position, "timestampMs">> = fc
  .record({
    north: fc.integer({ min: 0, max: 200 }),
    east: fc.integer({ min: 0, max: 200 }),
    accuracyMeters: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    speedMetersPerSecond: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  })
  .map(({ north, east, accuracyMeters, speedMetersPerSecond }) => ({
    latitude: (450_000_000 + north * 1000) / 1e7,
    longitude: (70_000_000 + east * 1000) / 1e7,
    ...(accuracyMeters !== undefined && { accuracyMeters }),
    ...(speedMetersPerSecond !== undefined && { speedMetersPerSecond }),
  }));

interface Sent {
  readonly device: number;
  readonly form: "json" | "ndjson" | "segment" | "poison";
  readonly positions: readonly { readonly jitter: number; readonly values: Omit<Position, "timestampMs"> }[];
  /** Instead, the producer resends an earlier record: how many records back. */
  readonly repeats: number;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  device: fc.nat({ max: 2 }),
  form: fc.constantFrom<Sent["form"]>("json", "ndjson", "segment", "segment", "poison"),
  positions: fc.array(
    fc.record({
      // Mostly on time, some a little late, some very late; repeated times are common.
      jitter: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 }) },
        { weight: 2, arbitrary: fc.integer({ min: -8, max: 8 }) },
        { weight: 1, arbitrary: fc.integer({ min: -80, max: 0 }) },
      ),
      values: fc.oneof(values, nearby),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  repeats: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 12 }) }),
});

/**
 * Several devices' records in one shard: late, repeated, out of order, several positions each, some
 * unreadable.
 */
export const worlds = (recordCount: number): fc.Arbitrary<WorldRecord[]> =>
  fc.array(sent, { minLength: 1, maxLength: recordCount, size: "max" }).map((all) => {
    const world: WorldRecord[] = [];
    for (const [index, each] of all.entries()) {
      const repeated = each.repeats > 0 ? world[index - each.repeats] : undefined;
      const deviceId = repeated?.record.partitionKey ?? `device-${each.device}`;
      const positions = repeated?.positions ?? positionsOf(each, index);
      const data = repeated?.record.data ?? encode(each.form, positions);
      const sequenceNumber = String(FIRST_SEQUENCE_NUMBER + BigInt(index));
      world.push({
        positions: isPoison(data) ? [] : positions,
        record: {
          recordId: `shardId-000000000000:${sequenceNumber}`,
          stream: STREAM,
          sequenceNumber,
          partitionKey: deviceId,
          // Arrival times are approximate: they can go back.
          arrivedAtMs: START_MS + 30 * 24 * 3_600_000 + index * 100 - (index % 3) * 150,
          data,
        },
      });
    }
    return world;
  });

const positionsOf = ({ positions }: Sent, index: number): Position[] =>
  positions.map(({ jitter, values: rest }, place) => ({
    // Not at whole seconds: several places in a whole second are spread within it before they are tracked.
    timestampMs: START_MS + Math.max(0, index * 2 + place + jitter) * STEP_MS + 1,
    ...rest,
  }));

const POISON = encoder.encode("\u0007 not positions");

const isPoison = (data: Uint8Array): boolean => data === POISON;

const encode = (form: Sent["form"], positions: readonly Position[]): Uint8Array => {
  if (form === "poison") return POISON;
  if (form === "segment") return encodeSegment(PositionBuffer.from(positions));
  const objects = positions.map(({ timestampMs, ...rest }) => ({ timestamp: timestampMs, ...rest }));
  return encoder.encode(
    form === "json" ? JSON.stringify(objects) : objects.map((object) => JSON.stringify(object)).join("\n"),
  );
};
