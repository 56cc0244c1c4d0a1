import fc from "fast-check";
import type { TrackingPorts } from "../../lib/core/device/track-records.ts";
import type { Position } from "../../lib/core/position/position.ts";
import { PositionBuffer } from "../../lib/core/position/position-buffer.ts";
import { spreadSeconds } from "../../lib/core/position/spread-seconds.ts";
import { readTrack } from "../../lib/core/track/read-track.ts";
import { deviceTrack } from "../../lib/core/track/track-store.ts";
import { type Delivery, deliver, deliveries } from "./delivery.ts";
import { DEVICES } from "./expect-world.ts";
import { START_MS, type WorldRecord, worlds } from "./world.ts";

/**
 * The same devices send into two streams, each with its own consumer, and the two consumers run in parallel.
 */
export interface TwoLogs {
  readonly logs: readonly [readonly WorldRecord[], readonly WorldRecord[]];
  readonly plans: readonly [readonly Delivery[], readonly Delivery[]];
}

export const twoLogs: fc.Arbitrary<TwoLogs> = fc
  .record({
    world: worlds(100),
    ofSecond: fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
    plans: fc.tuple(deliveries, deliveries),
  })
  .map(({ world, ofSecond, plans }) => {
    const second = world
      .filter((_, index) => ofSecond[index % ofSecond.length])
      .map(({ record, positions }) => ({
        positions,
        record: {
          ...record,
          stream: `${record.stream}-2`,
          recordId: record.recordId.replace("000:", "001:"),
        },
      }));
    const first = world.filter((_, index) => !ofSecond[index % ofSecond.length]);
    return { logs: [first, second], plans };
  });

export const deliverBoth = async (ports: TrackingPorts, { logs, plans }: TwoLogs): Promise<void> => {
  const trackedRecordsOf = (log: readonly WorldRecord[]) => log.map(({ record }) => record);
  // The last, faultless batches of both are delivered one after the other: a failure there would have no good
  // reason.
  await Promise.all([
    deliver(ports, trackedRecordsOf(logs[0]), plans[0], undefined, { isFinished: false }),
    deliver(ports, trackedRecordsOf(logs[1]), plans[1], undefined, { isFinished: false }),
  ]);
  for (const log of logs) await deliver(ports, trackedRecordsOf(log), []);
};

const appliedPositions = (positions: readonly Position[]): PositionBuffer => {
  const applied = PositionBuffer.from(positions);
  spreadSeconds(applied);
  return applied;
};

const placeOf = ({ latitude, longitude }: Position): string => `${latitude} ${longitude}`;

/** All places that a device sent, by timestamp. */
const sentPlaces = (world: readonly WorldRecord[], deviceId: string): Map<number, Set<string>> => {
  const places = new Map<number, Set<string>>();
  for (const { record, positions } of world) {
    if (record.partitionKey !== deviceId) continue;
    for (const position of appliedPositions(positions)) {
      const atTime = places.get(position.timestampMs) ?? new Set();
      places.set(position.timestampMs, atTime.add(placeOf(position)));
    }
  }
  return places;
};

/**
 * Accepted positions that are neither on their track, read whole or by range, nor in quarantine. Of several
 * places for one time, one is on the track; while two consumers race, it is not promised which one (decision
 * 0015).
 */
export const lostPositions = async (
  ports: TrackingPorts,
  world: readonly WorldRecord[],
): Promise<string[]> => {
  const lost: string[] = [];
  const states = await ports.devices.load(DEVICES);
  for (const deviceId of DEVICES) {
    const read = async (fromMs: number, toMs: number): Promise<Map<number, Position>> => {
      const range = { fromMs, toMs, limit: Number.MAX_SAFE_INTEGER, tail: states.get(deviceId)?.tail };
      const { positions } = await readTrack(ports, deviceTrack(deviceId), range);
      return new Map([...positions].map((position) => [position.timestampMs, position]));
    };
    const track = await read(0, Number.MAX_SAFE_INTEGER);
    const places = sentPlaces(world, deviceId);
    for (const { record, positions } of world) {
      if (record.partitionKey !== deviceId || (await ports.quarantine.get(record.recordId))) continue;
      for (const { timestampMs } of appliedPositions(positions)) {
        const shown = track.get(timestampMs);
        const name = `${record.recordId} ${(timestampMs - START_MS) / 60_000} min`;
        if (shown === undefined || !places.get(timestampMs)?.has(placeOf(shown))) lost.push(name);
        else if (!(await read(timestampMs, timestampMs)).has(timestampMs)) lost.push(`${name}, in its range`);
      }
    }
  }
  return lost;
};
