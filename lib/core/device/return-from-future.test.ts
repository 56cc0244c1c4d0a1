import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Delivery, deliver, fewDeliveries } from "../../../test/tracking/delivery.ts";
import { memoryPorts } from "../../../test/tracking/expect-world.ts";
import {
  DEVICE,
  type FutureWorld,
  futureWorlds,
  LENIENT,
  positionAt,
  recordAt,
  START_MS,
  STRICT,
} from "../../../test/tracking/future.ts";
import type { Position } from "../position/position.ts";
import { decodeSegment } from "../segment/segment.ts";
import { readTrack } from "../track/read-track.ts";
import { deviceTrack, type StoredSegment } from "../track/track-store.ts";
import type { DeviceState } from "./device-state.ts";
import { type TrackedRecord, type TrackingPorts, trackRecords } from "./track-records.ts";
import { trailingWindow } from "./window-average-speed.ts";

const SECOND = 1000;
const HOUR = 3_600_000;

const under = (ports: TrackingPorts, timestampRules: TrackingPorts["timestampRules"]) => ({
  ...ports,
  timestampRules,
});

const stateOf = async ({ devices }: TrackingPorts): Promise<DeviceState> => {
  const state = (await devices.load([DEVICE])).get(DEVICE);
  if (state === undefined) throw new Error("the device was never heard");
  return state;
};

const trackOf = async (ports: TrackingPorts): Promise<Position[]> => {
  const { tail } = await stateOf(ports);
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: Number.MAX_SAFE_INTEGER, tail };
  return [...(await readTrack(ports, deviceTrack(DEVICE), range)).positions];
};

/** What was taken from the track, in time order. */
const asideOf = async ({ quarantine }: TrackingPorts): Promise<Position[]> => {
  const { items } = await quarantine.list({ limit: 1000 });
  const records = items.filter(({ recordId }) => recordId.startsWith("ahead:"));
  const kept = await Promise.all(records.map(({ recordId }) => quarantine.get(recordId)));
  const positions = kept.flatMap((record) => [...decodeSegment(record?.data ?? new Uint8Array())]);
  return positions.sort((one, other) => one.timestampMs - other.timestampMs);
};

const newestOf = ({ tail }: DeviceState): number => tail.timestampsMs[tail.count - 1];
const seconds = (fromMs: number, count: number): Position[] =>
  Array.from({ length: count }, (_, index) => positionAt(fromMs + index * SECOND));

describe("finding 7: a clock ahead", () => {
  test("one fix 12 h ahead is quarantined from the stream, counted, and freezes nothing", async () => {
    const ports = memoryPorts();
    const far = positionAt(START_MS + 12 * HOUR);
    const mixed = recordAt(1, START_MS + 10 * SECOND, [...seconds(START_MS, 10), far]);
    const outcome = await trackRecords(ports, [mixed, recordAt(2, START_MS + 11 * SECOND, [far])]);
    expect(outcome).toMatchObject({ refusedPositionCount: 2, quarantinedRecordCount: 2 });
    // The whole record is kept, and only that element is refused.
    expect(await ports.quarantine.get(mixed.recordId)).toMatchObject({
      data: mixed.data,
      problems: [{ index: 10, field: "timestamp", rule: expect.stringContaining("5 minutes after") }],
    });
    expect(newestOf(await stateOf(ports))).toBe(START_MS + 9 * SECOND);
    expect((await stateOf(ports)).positionCount).toBe(10);
  });

  test("three fixes ahead make none of the next 3,000 good ones late", async () => {
    const ports = memoryPorts();
    const fixes = [11, 12, 13].map((hours) => positionAt(START_MS + hours * HOUR));
    const records = [recordAt(0, START_MS, fixes)];
    for (let batch = 0; batch < 300; batch++) {
      const at = START_MS + batch * 10 * SECOND;
      records.push(recordAt(batch + 1, at + 10 * SECOND, seconds(at, 10)));
    }
    await trackRecords(ports, records);
    expect(await stateOf(ports)).toMatchObject({ positionCount: 3000, latePositionCount: 0 });
  });

  test("it is the record's arrival that counts: a redelivery hours later decides the same", async () => {
    const record = recordAt(1, START_MS, [positionAt(START_MS + 6 * 60 * SECOND), positionAt(START_MS)]);
    const ports = memoryPorts();
    await trackRecords(ports, [record]);
    await trackRecords(ports, [record]);
    expect((await trackOf(ports)).map(({ timestampMs }) => timestampMs)).toEqual([START_MS]);
  });
});

/**
 * A device that an earlier rule let into the future: a drive, then three fixes ahead, then good ones that
 * were late.
 */
const standingInTheFuture = async (): Promise<TrackingPorts> => {
  const ports = memoryPorts();
  const fixes = [11, 12, 13].map((hours) => positionAt(START_MS + hours * HOUR));
  await trackRecords(under(ports, LENIENT), [
    recordAt(0, START_MS + 300 * SECOND, seconds(START_MS, 300)),
    recordAt(1, START_MS + 300 * SECOND, fixes),
    recordAt(2, START_MS + 700 * SECOND, seconds(START_MS + 300 * SECOND, 400)),
  ]);
  return ports;
};

describe("finding 7: a device that already stands in the future comes back", () => {
  test("with the next record: latest position, default window and lateness follow the good clock again", async () => {
    const ports = await standingInTheFuture();
    const before = await stateOf(ports);
    expect(newestOf(before)).toBe(START_MS + 13 * HOUR);
    const strict = under(ports, STRICT);
    const now = START_MS + 710 * SECOND;
    const outcome = await trackRecords(strict, [recordAt(3, now, seconds(START_MS + 700 * SECOND, 10))]);
    expect(outcome).toMatchObject({ refusedPositionCount: 3, latePositionCount: 0 });

    const state = await stateOf(ports);
    expect(newestOf(state)).toBe(START_MS + 709 * SECOND);
    expect(state).toMatchObject({ positionCount: 710, odometerComplete: false });
    expect((await trackOf(ports)).map(({ timestampMs }) => timestampMs)).toEqual(
      Array.from({ length: 710 }, (_, index) => START_MS + index * SECOND),
    );
    expect((await asideOf(ports)).map(({ timestampMs }) => (timestampMs - START_MS) / HOUR)).toEqual([
      11, 12, 13,
    ]);
    expect(trailingWindow(state, 60).toMs).toBe(START_MS + 709 * SECOND);

    const next = await trackRecords(strict, [recordAt(4, now + 60_000, seconds(now, 60))]);
    expect(next).toMatchObject({ latePositionCount: 0, refusedPositionCount: 0 });
  });

  test("when only its tail is ahead: the tail is cut, and the odometer stays complete", async () => {
    const ports = memoryPorts();
    const far = positionAt(START_MS + 2 * HOUR);
    await trackRecords(under(ports, LENIENT), [
      recordAt(0, START_MS, [...seconds(START_MS - 20_000, 20), far]),
    ]);
    await trackRecords(under(ports, STRICT), [recordAt(1, START_MS + SECOND, [positionAt(START_MS)])]);
    const state = await stateOf(ports);
    expect(state).toMatchObject({ positionCount: 21, latePositionCount: 0, odometerComplete: true });
    expect(newestOf(state)).toBe(START_MS);
    expect(await asideOf(ports)).toEqual([far]);
  });

  test("when it never had a good position: it begins anew", async () => {
    const ports = memoryPorts();
    const ahead = seconds(START_MS + 2 * HOUR, 400);
    await trackRecords(under(ports, LENIENT), [recordAt(0, START_MS, ahead)]);
    const poison = { ...recordAt(1, START_MS, []), data: Uint8Array.of(7) };
    await trackRecords(under(ports, STRICT), [poison]);
    expect(await stateOf(ports)).toMatchObject({ positionCount: 0, odometerMeters: 0 });
    expect(await trackOf(ports)).toEqual([]);
    await trackRecords(under(ports, STRICT), [recordAt(2, START_MS, seconds(START_MS, 2))]);
    expect(await trackOf(ports)).toEqual(seconds(START_MS, 2));
    expect(await asideOf(ports)).toEqual(ahead);
  });

  test("positions within the allowance are never taken away, though arrival times go back", async () => {
    const ports = under(memoryPorts(), STRICT);
    const edge = positionAt(START_MS + STRICT.maximumAheadMs);
    await trackRecords(ports, [recordAt(0, START_MS, [edge])]);
    const outcome = await trackRecords(ports, [recordAt(1, START_MS - 500, [positionAt(START_MS)])]);
    expect(outcome).toMatchObject({ refusedPositionCount: 0 });
    expect((await trackOf(ports)).length).toBe(2);
  });
});

/** The same deliveries without another consumer: which rule a zombie goes by is its deployment's. */
const alone = fewDeliveries.map((plan) =>
  plan.map(({ fault, ...step }): Delivery => {
    const faultOfWrite = fault && { ...fault, request: fault.request % 6, countsWritesOnly: true };
    return { ...step, zombie: undefined, fault: faultOfWrite };
  }),
);

const withoutVersion = ({ version, tail, ...state }: DeviceState) => ({ ...state, tail: [...tail] });

const expectReturn = async (
  { lenient, strict, sent }: FutureWorld,
  plan: readonly Delivery[],
  portsOf: (ports: TrackingPorts) => TrackingPorts,
): Promise<void> => {
  const once = memoryPorts();
  const often = memoryPorts();
  for (const ports of [once, often]) await trackRecords(under(ports, LENIENT), lenient);
  const before = await trackOf(once);
  await trackRecords(under(once, STRICT), strict);
  await deliver(portsOf(under(often, STRICT)), strict as TrackedRecord[], plan);

  const state = await stateOf(often);
  expect(withoutVersion(state)).toEqual(withoutVersion(await stateOf(once)));
  const track = await trackOf(often);
  const aside = await asideOf(often);
  expect(aside).toEqual(await asideOf(once));

  const limitMs =
    Math.max(...[...lenient, strict[0]].map(({ arrivedAtMs }) => arrivedAtMs)) + STRICT.maximumAheadMs;
  expect(aside).toEqual(before.filter(({ timestampMs }) => timestampMs > limitMs));
  const lenientCount = lenient.reduce((count, { data }) => count + decodeSegment(data).count, 0);
  const good = new Map(
    before.filter(({ timestampMs }) => timestampMs <= limitMs).map((each) => [each.timestampMs, each]),
  );
  let index = lenientCount;
  for (const { arrivedAtMs, data } of strict) {
    for (let end = index + decodeSegment(data).count; index < end; index++) {
      const { timestampMs } = sent[index];
      if (timestampMs <= arrivedAtMs + STRICT.maximumAheadMs && !good.has(timestampMs)) {
        good.set(timestampMs, sent[index]);
      }
    }
  }
  expect(track.map(({ timestampMs }) => timestampMs)).toEqual(
    [...good.keys()].sort((one, other) => one - other),
  );
  expect(state.positionCount).toBe(track.length);
  if (track.length > 0) expect(newestOf(state)).toBe(track[track.length - 1].timestampMs);
};

/** What went to quarantine is taken from the track at once. */
const removingFirst = (ports: TrackingPorts): TrackingPorts => ({
  ...ports,
  quarantine: {
    ...ports.quarantine,
    async put(record) {
      await ports.quarantine.put(record);
      if (!record.recordId.startsWith("ahead:")) return;
      const { timestampsMs } = decodeSegment(record.data);
      const range = { fromMs: timestampsMs[0], toMs: Number.MAX_SAFE_INTEGER };
      const ahead: StoredSegment[] = [];
      for await (const segment of ports.tracks.segments(deviceTrack(DEVICE), range)) {
        if (segment.firstTimestampMs >= range.fromMs) ahead.push(segment);
      }
      await ports.tracks.removeSegments(deviceTrack(DEVICE), ahead);
    },
  },
});

/** Nobody remembers that segments are still to be removed. */
const forgettingRemoval = (ports: TrackingPorts): TrackingPorts => ({
  ...ports,
  devices: {
    ...ports.devices,
    save: ({ removalOwed, ...state }) => ports.devices.save(state),
  },
});

/** A world in which sealed positions are ahead, and a failure at each of the first writes in turn. */
const expectReturnAfterEachFault = async (
  portsOf: (ports: TrackingPorts) => TrackingPorts,
): Promise<void> => {
  const lenientAt = (number: number, positions: readonly Position[]) =>
    recordAt(number, START_MS + 60 * SECOND, positions);
  const parts = [
    seconds(START_MS, 50),
    seconds(START_MS + HOUR, 1400),
    seconds(START_MS + 50 * SECOND, 20),
    seconds(START_MS + 60 * SECOND, 30),
  ];
  const lenient = parts.slice(0, 3).map((positions, number) => lenientAt(number, positions));
  const world = { lenient, strict: [lenientAt(3, parts[3])], sent: parts.flat() };
  for (let request = 0; request < 6; request++) {
    for (const afterEffect of [false, true]) {
      const fault = { request, afterEffect, isCrash: true, countsWritesOnly: true };
      const step = { redelivered: 0, length: 9, fault, zombie: undefined, latencies: [0] };
      await expectReturn(world, [step], portsOf);
    }
  }
};

describe("finding 7: coming back is exactly once", () => {
  test("under any redelivery, batch cut and crash: nothing is lost, doubled or left behind", async () => {
    await expectReturnAfterEachFault((ports) => ports);
    const property = fc.asyncProperty(futureWorlds, alone, (world, plan) =>
      expectReturn(world, plan, (ports) => ports),
    );
    await fc.assert(property, { numRuns: 20 });
  });

  test.for([
    { name: "segments are removed before the state is saved", of: removingFirst },
    { name: "the state forgets that segments are to be removed", of: forgettingRemoval },
  ])("a wrong design is caught: $name", async ({ of }) => {
    await expect(expectReturnAfterEachFault(of)).rejects.toThrow();
  });
});
