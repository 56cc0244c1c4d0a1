import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { randomPositions, seededRandom } from "../../../test/random-segment.ts";
import type { DistanceFix } from "../motion/distance.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import { CHECKSUM_BYTES } from "../segment/segment.ts";
import type { DeviceState } from "./device-state.ts";
import { unheardDevice } from "./device-state.ts";
import {
  DeviceStateError,
  decodeDeviceState,
  encodeDeviceState,
  stateHeaderBytes,
} from "./device-state-codec.ts";

const EMPTY_SEGMENT_BYTES = 2 + CHECKSUM_BYTES;

/** Random positions with times that a tail may have. */
const tailOf = (seed: number, count: number): PositionBuffer => {
  const tail = randomPositions(seededRandom(seed), count);
  for (let index = 0; index < count; index++) tail.timestampsMs[index] = 1e12 + index * 997;
  return tail;
};

const float = fc
  .double({ min: -1e15, max: 1e15, noNaN: true, noDefaultInfinity: true })
  .map((value) => value + 0);
const quanta = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const fix: fc.Arbitrary<DistanceFix> = fc.record({
  timestampMs: fc.nat({ max: 2 ** 48 - 1 }),
  latitude: quanta,
  longitude: quanta,
  accuracy: quanta,
  speed: quanta,
});

const state: fc.Arbitrary<DeviceState> = fc
  .record(
    {
      fence: fc.record({
        stream: fc.string({ unit: "grapheme", maxLength: 40 }),
        sequenceNumber: fc.oneof(
          fc.bigInt({ min: 0n, max: 10n ** 128n }).map(String),
          fc.string({ maxLength: 30 }),
        ),
      }),
      sealedUntilMs: fc.nat({ max: 2 ** 48 - 1 }),
      lastHeardMs: fc.nat({ max: 2 ** 48 - 1 }),
      positionCount: fc.nat({ max: 2 ** 48 - 1 }),
      latePositionCount: fc.nat({ max: 2 ** 48 - 1 }),
      conflictCount: fc.nat({ max: 2 ** 48 - 1 }),
      odometerComplete: fc.boolean(),
      owedFromMs: fc.nat({ max: 2 ** 48 - 1 }),
      removalOwed: fc.constant(true as const),
      odometerMeters: float,
      sealedDistance: fc.oneof(
        fc.record({ meters: float }),
        fc.record(
          { meters: float, anchor: fix, standing: fc.boolean(), pending: fix },
          { requiredKeys: ["meters", "anchor", "standing"] },
        ),
      ),
      sealedDetections: fc.record({
        standing: fc.record({ sinceMs: fc.nat({ max: 2 ** 48 - 1 }) }, { requiredKeys: [] }),
      }),
      tail: fc.tuple(fc.nat(), fc.nat({ max: 100 })).map(([seed, count]) => tailOf(seed, count)),
    },
    {
      requiredKeys: [
        "lastHeardMs",
        "positionCount",
        "latePositionCount",
        "conflictCount",
        "odometerComplete",
        "odometerMeters",
        "sealedDistance",
        "sealedDetections",
        "tail",
      ],
    },
  )
  .map((fields) => ({ deviceId: "car-1", version: 7, ...fields }));

const plain = ({ tail, ...rest }: DeviceState) => ({ ...rest, tail: [...tail] });

describe("a device's state in bytes", () => {
  test("comes back exactly", () => {
    const property = fc.property(state, (before) => {
      const bytes = encodeDeviceState(before);
      expect(plain(decodeDeviceState("car-1", 7, bytes))).toEqual(plain(before));
    });
    fc.assert(property, { numRuns: propertyRuns(2000) });
  });

  test("before the first record", () => {
    const before = unheardDevice("car-1");
    expect(plain(decodeDeviceState("car-1", 0, encodeDeviceState(before)))).toEqual(plain(before));
  });

  test("needs no more than it says besides the tail", () => {
    const property = fc.property(state, ({ tail, ...rest }) => {
      const bytes = encodeDeviceState({ ...rest, tail: tailOf(0, 0) });
      expect(bytes.length - EMPTY_SEGMENT_BYTES).toBeLessThanOrEqual(stateHeaderBytes(rest.fence));
    });
    fc.assert(property);
  });

  test.each([-1, 2 ** 48, Number.NaN])("never hold a count of %s", (positionCount) => {
    const broken = { ...unheardDevice("car-1"), positionCount };
    expect(() => encodeDeviceState(broken)).toThrow("out of bounds");
  });

  test("may be a part of a larger piece of memory", () => {
    const bytes = encodeDeviceState(unheardDevice("car-1"));
    const larger = new Uint8Array(bytes.length + 20).fill(255);
    larger.set(bytes, 9);
    const part = larger.subarray(9, 9 + bytes.length);
    expect(decodeDeviceState("car-1", 3, part)).toMatchObject({ version: 3, positionCount: 0 });
  });

  test("of a damaged item raises one error, whose message names the device", () => {
    const property = fc.property(state, fc.nat(), fc.nat({ max: 255 }), fc.nat(), (whole, at, byte, end) => {
      const bytes = encodeDeviceState(whole);
      const damaged = bytes.slice(0, end % 3 === 0 ? end % bytes.length : bytes.length);
      if (damaged.length > 0) damaged[at % damaged.length] = byte;
      try {
        decodeDeviceState("car-1", 1, damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(DeviceStateError);
        expect((error as Error).message).toContain("car-1");
      }
    });
    fc.assert(property, { numRuns: propertyRuns(2000) });
  });

  test("that are arbitrary raise one error", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, looksRight) => {
      const guess = looksRight ? Uint8Array.of(2, 1, 255, ...bytes) : bytes;
      expect(() => decodeDeviceState("car-1", 1, guess)).toThrow(DeviceStateError);
    });
    fc.assert(property, { numRuns: propertyRuns(2000) });
  });

  test("with a tail that is not in time order is refused", () => {
    const tail = tailOf(1, 3);
    tail.timestampsMs[2] = tail.timestampsMs[1];
    const bytes = encodeDeviceState({ ...unheardDevice("car-1"), tail });
    expect(() => decodeDeviceState("car-1", 1, bytes)).toThrow("not in time order");
  });
});
