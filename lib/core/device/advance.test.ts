import { describe, expect, test } from "vitest";
import { randomPositions, seededRandom } from "../../../test/random-segment.ts";
import { trackDistanceMeters } from "../motion/distance.ts";
import type { Position } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { decodeSegment } from "../segment/segment.ts";
import { type Advanced, advance as advanceWithin, type DeviceRecord } from "./advance.ts";
import { type DeviceState, unheardDevice } from "./device-state.ts";
import { decodeDeviceState, encodeDeviceState } from "./device-state-codec.ts";
import { MAXIMUM_TAIL_POSITIONS, MAXIMUM_TAIL_SPAN_MS } from "./tail-size.ts";

const T0 = Date.UTC(2026, 10, 20, 12);
const STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/positions";

/** At the second `at`, in a row to the north, 10 m apart. */
const position = (at: number): Position => ({
  timestampMs: T0 + at * 1000,
  latitude: Math.round(450_000_000 + at * 900) / 1e7,
  longitude: 7,
  speedMetersPerSecond: 10,
});

const record = (number: number | string, positions: readonly Position[], stream = STREAM): DeviceRecord => ({
  stream,
  sequenceNumber: String(number),
  arrivedAtMs: T0 + 60_000,
  positions: PositionBuffer.from(positions),
});

const seconds = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

const BUDGET_BYTES = 900;
const advance = (state: DeviceState, records: readonly DeviceRecord[]): Advanced =>
  advanceWithin(state, records, BUDGET_BYTES);

const timesOf = (buffer: PositionBuffer): number[] =>
  [...buffer].map(({ timestampMs }) => (timestampMs - T0) / 1000);

const start = unheardDevice("car-1");

describe("advance", () => {
  test("puts positions on the tail, in time order, each time once; the first one wins", () => {
    const again = { ...position(2), latitude: 1 };
    const { state, sealed, late } = advance(start, [
      record(1, [position(1), position(3), position(2), position(1)]),
      record(2, [again, position(0), position(4)]),
    ]);
    expect(timesOf(state.tail)).toEqual([0, 1, 2, 3, 4]);
    expect(state.tail.at(2)).toEqual(position(2));
    expect(state).toMatchObject({ positionCount: 5, fence: { sequenceNumber: "2" }, version: 0 });
    expect([sealed, late]).toEqual([[], []]);
  });

  test("finding 10: one time at two places: the first stays, the other is told; at one place it is a duplicate", () => {
    const elsewhere = { ...position(2), latitude: 1 };
    const once = advance(start, [record(1, [position(1), position(2), position(2), elsewhere])]);
    expect(once.duplicateCount).toBe(1);
    const quanta = Math.round(position(2).latitude * 1e7);
    expect(once.conflicts).toEqual([
      {
        sequenceNumber: "1",
        timestampMs: T0 + 2000,
        latitude: 1e7,
        longitude: 7e7,
        keptLatitude: quanta,
        keptLongitude: 7e7,
      },
    ]);
    expect(once.state).toMatchObject({ positionCount: 2, conflictCount: 1 });
    // Whatever else differs: it is the same position, told again.
    const retold = { ...position(2), speedMetersPerSecond: 3 };
    const again = advance(once.state, [record(1, [elsewhere]), record(2, [retold, elsewhere])]);
    expect(again).toMatchObject({ duplicateCount: 1, state: { positionCount: 2, conflictCount: 2 } });
    expect(again.state.tail.at(1)).toEqual(position(2));
  });

  test("works on one device at a time: a record that would begin another is refused, and the next one is not", () => {
    const trap = { ...record(1, [position(1)]) };
    Object.defineProperty(trap, "arrivedAtMs", { get: () => advance(start, [record(1, [position(0)])]) });
    expect(() => advance(start, [trap])).toThrow("can't be opened while another one is");
    expect(advance(start, [record(1, [position(1)])]).state.positionCount).toBe(1);
  });

  test("leaves its arguments as they are", () => {
    const before = advance(start, [record(1, seconds(0, 50).map(position))]).state;
    const copy = structuredClone({ ...before, tail: [...before.tail] });
    const more = record(2, [position(10.5), ...seconds(50, 200).map(position)]);
    const positions = [...more.positions];
    advance(before, [more]);
    expect({ ...before, tail: [...before.tail] }).toEqual(copy);
    expect([...more.positions]).toEqual(positions);
  });

  test("corrects the odometer when a late position finds its place in the tail", () => {
    const detour = { ...position(1), longitude: 7.001 };
    const inOrder = advance(start, [record(1, [position(0), detour, position(2)])]).state;
    const outOfOrder = advance(start, [record(1, [position(0), position(2), detour])]).state;
    expect(outOfOrder.odometerMeters).toBe(inOrder.odometerMeters);
    expect(inOrder.odometerMeters).toBeGreaterThan(150);
  });

  test("seals all but the newest when the item is full, and calls late what is not newer", () => {
    const first = advance(start, [record(1, seconds(0, 2000).map(position))]);
    expect(first.sealed.length).toBeGreaterThan(1);
    const last = first.sealed[first.sealed.length - 1];
    expect(first.state.sealedUntilMs).toBe(last.lastTimestampMs);
    const sealedTimes = first.sealed.flatMap(({ data }) => timesOf(decodeSegment(data)));
    expect([...sealedTimes, ...timesOf(first.state.tail)]).toEqual(seconds(0, 2000));
    const whole = PositionBuffer.from(seconds(0, 2000).map(position));
    expect(first.state.odometerMeters).toBe(trackDistanceMeters(whole));

    const until = timesOf(decodeSegment(last.data)).at(-1) ?? Number.NaN;
    const second = advance(first.state, [
      record(2, [position(2000), position(until), position(3), position(until - 0.5), position(3)]),
    ]);
    expect(second.late.map(({ sequenceNumber, positions }) => [sequenceNumber, timesOf(positions)])).toEqual([
      ["2", [3, 3, until - 0.5, until]],
    ]);
    expect(second.state.positionCount).toBe(2001);
  });

  test("drops records at or below the fence, by number and not by text; another stream begins anew", () => {
    const { state } = advance(start, [record("99", [position(0)])]);
    const behind = advance(state, [record("99", [position(1)]), record("7", [position(2)])]);
    expect(behind).toMatchObject({ state, appliedRecordCount: 0 });
    expect(advance(state, [record("100", [position(1)])]).state.positionCount).toBe(2);
    const moved = advance(state, [record("7", [position(1)], "positions-2")]).state;
    expect(moved).toMatchObject({ positionCount: 2, fence: { stream: "positions-2", sequenceNumber: "7" } });
  });

  test("moves the fence for a record that brings nothing new", () => {
    const { state } = advance(start, [record(1, [position(0)])]);
    const next = advance(state, [record(2, [position(0)]), record(3, [])]);
    expect(next).toMatchObject({
      appliedRecordCount: 2,
      state: { positionCount: 1, fence: { sequenceNumber: "3" } },
    });
  });

  test("ends a tail that costs nothing by its count, and one that spans weeks by its time", () => {
    const parked = seconds(0, MAXIMUM_TAIL_POSITIONS + 1).map((at) => ({
      ...position(0),
      timestampMs: T0 + at * 1000,
    }));
    expect(advance(start, [record(1, parked)]).sealed).toMatchObject([
      { positionCount: MAXIMUM_TAIL_POSITIONS },
    ]);
    const rare = [0, 1, MAXIMUM_TAIL_SPAN_MS / 1000 + 0.001].map(position);
    expect(advance(start, [record(1, rare)]).sealed).toMatchObject([{ positionCount: 2 }]);
  });
});

describe("an encoded state stays within its budget", () => {
  const longStream = `arn:aws-us-gov:kinesis:us-gov-west-1:123456789012:stream/${"s".repeat(128)}`;
  test.each([
    ["a short id", "demo", STREAM, 1],
    ["the longest id and stream", "d".repeat(128), longStream, 40],
    ["several positions a record", "car-1", STREAM, 40],
  ])("%s, whatever comes", (_, deviceId, stream, perRecord) => {
    const random = seededRandom(11);
    let state = unheardDevice(deviceId);
    let number = 10n ** 55n;
    let at = T0;
    let advanced: Advanced | undefined;
    for (let round = 0; round < 400; round++) {
      const positions = randomPositions(random, 1 + Math.floor(random() * perRecord));
      for (let index = 0; index < positions.count; index++) {
        at += Math.floor(random() * 5000);
        positions.timestampsMs[index] = at - Math.floor(random() * 2) * 7000;
      }
      const sequenceNumber = String(number++);
      // Now and then a record comes from a stream with another name, and brings nothing.
      const other = { stream: "b", sequenceNumber, arrivedAtMs: T0, positions: new PositionBuffer(0) };
      const records = [
        { stream, sequenceNumber, arrivedAtMs: T0, positions },
        ...(round % 7 === 0 ? [other] : []),
      ];
      advanced = advance(state, records);
      state = decodeDeviceState(deviceId, round, encodeDeviceState(advanced.state));
      expect(encodeDeviceState(state).length).toBeLessThanOrEqual(BUDGET_BYTES);
    }
    expect(state.sealedUntilMs).toBeDefined();
  });
});
