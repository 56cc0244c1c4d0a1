import { describe, expect, test } from "vitest";
import { memoryPorts } from "../../../test/tracking/expect-world.ts";
import { DEVICE, positionAt, recordAt, START_MS } from "../../../test/tracking/future.ts";
import { MAXIMUM_PROBLEMS } from "../position/elements.ts";
import { readTrack } from "../track/read-track.ts";
import { deviceTrack } from "../track/track-store.ts";
import { type TrackingPorts, trackRecords } from "./track-records.ts";

// Not whole seconds: places of one such second are spread inside it.
const first = positionAt(START_MS + 1);
const elsewhere = { ...first, latitude: 46.5, longitude: -7.25 };

const conflictCountOf = async ({ devices }: TrackingPorts) =>
  (await devices.load([DEVICE])).get(DEVICE)?.conflictCount;

describe("finding 10: one time at two places", () => {
  test("the first to come stays; the other's record goes to quarantine whole, with the reason, and is counted", async () => {
    const ports = memoryPorts();
    const loser = recordAt(2, START_MS + 10, [elsewhere, positionAt(START_MS + 2)]);
    await trackRecords(ports, [recordAt(1, START_MS + 5, [first]), loser]);
    const state = (await ports.devices.load([DEVICE])).get(DEVICE);
    expect(state).toMatchObject({ positionCount: 2, conflictCount: 1 });
    expect(state?.tail.at(0)).toEqual(first);
    expect(await ports.quarantine.get(loser.recordId)).toMatchObject({
      data: loser.data,
      partitionKey: DEVICE,
      reason: "some of its positions have the time of another at another place; the others were applied",
      problems: [
        {
          field: "timestamp",
          value: "2026-11-20T12:00:00.001Z",
          rule: `is the time of a position at ${first.latitude}, ${first.longitude}, which came first; this one is at 46.5, -7.25`,
        },
      ],
    });
  });

  test("a late one that loses goes to quarantine whole, is counted once, and the other stays on the track", async () => {
    const ports = memoryPorts();
    // More than a tail holds: what is older than its sealed part is late.
    const newer = Array.from({ length: 400 }, (_, index) => ({
      ...positionAt(START_MS + 100_001 + index * 1000),
      latitude: 46 + Math.round(Math.sin(index * 997) * 1000) / 1000,
    }));
    const loser = recordAt(3, START_MS + 600_020, [elsewhere]);
    const records = [recordAt(1, START_MS + 600_005, newer), recordAt(2, START_MS + 600_010, [first])];
    await trackRecords(ports, records);
    for (let time = 0; time < 2; time++) await trackRecords(ports, [loser]);
    const state = (await ports.devices.load([DEVICE])).get(DEVICE);
    expect(state).toMatchObject({ positionCount: 401, latePositionCount: 1, conflictCount: 1 });
    expect(await ports.quarantine.get(loser.recordId)).toMatchObject({
      data: loser.data,
      problems: [{ field: "timestamp", value: "2026-11-20T12:00:00.001Z" }],
    });
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 1000, tail: state?.tail };
    const { positions } = await readTrack(ports, deviceTrack(DEVICE), range);
    expect(positions.count).toBe(401);
    expect(positions.at(0)).toEqual(first);
  });

  test("a true duplicate is dropped: it is neither a conflict nor in quarantine", async () => {
    const ports = memoryPorts();
    const again = recordAt(2, START_MS + 10, [{ ...first, speedMetersPerSecond: 3 }]);
    const outcome = await trackRecords(ports, [recordAt(1, START_MS + 5, [first]), again]);
    expect(outcome).toMatchObject({ duplicatePositionCount: 1, conflictingPositionCount: 0 });
    expect(await ports.quarantine.get(again.recordId)).toBeUndefined();
    expect(await conflictCountOf(ports)).toBe(0);
  });

  test("is counted once, whatever crashes and comes again", async () => {
    const ports = memoryPorts();
    const records = [recordAt(1, START_MS + 5, [first]), recordAt(2, START_MS + 10, [elsewhere])];
    const dying: TrackingPorts = {
      ...ports,
      devices: {
        ...ports.devices,
        async save() {
          throw new Error("the process died");
        },
      },
    };
    expect((await trackRecords(dying, records)).failures).toHaveLength(1);
    for (let time = 0; time < 3; time++) await trackRecords(ports, records);
    expect(await conflictCountOf(ports)).toBe(1);
    expect((await ports.quarantine.list({ limit: 10 })).items).toHaveLength(1);
  });

  test("a record of thousands of them is kept with the first, and the number of the others", async () => {
    const ports = memoryPorts();
    const count = MAXIMUM_PROBLEMS + 5;
    const positions = Array.from({ length: count }, () => elsewhere);
    const record = recordAt(2, START_MS + 10, positions);
    await trackRecords(ports, [recordAt(1, START_MS + 5, [first]), record]);
    expect(await conflictCountOf(ports)).toBe(count);
    const problems = (await ports.quarantine.get(record.recordId))?.problems ?? [];
    expect(problems.length).toBeGreaterThan(100);
    expect(problems.length).toBeLessThanOrEqual(MAXIMUM_PROBLEMS + 1);
  });
});
