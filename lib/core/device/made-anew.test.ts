import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectWorld, memoryPorts } from "../../../test/tracking/expect-world.ts";
import { deliverRemade, remadeWorlds } from "../../../test/tracking/made-anew.ts";
import { fenceWithoutIncarnation } from "../../../test/tracking/wrong-designs.ts";
import { memoryStreamIdentity } from "../../adapters/memory/stream-identity.ts";
import { UnavailableError } from "../errors.ts";
import { type TrackedRecord, type TrackingPorts, trackRecords } from "./track-records.ts";

const property = (of: (ports: TrackingPorts) => TrackingPorts = (ports) => ports) =>
  fc.asyncProperty(remadeWorlds, async (remade) => {
    const ports = memoryPorts();
    await deliverRemade(of, ports, remade);
    // Who has not heard of the new stream yet names the old one in the fence: what matters is that this does
    // no harm.
    await expectWorld(ports, [...remade.before, ...remade.after], ({ fence, ...state }) => ({
      ...state,
      ...(fence && { fence: { ...fence, streamCreatedAtMs: 0 } }),
    }));
  });

const T0 = Date.UTC(2026, 10, 20, 12);

const record = (number: number, atSecond: number): TrackedRecord => ({
  stream: "positions",
  sequenceNumber: String(number),
  recordId: `shard-0:${number}`,
  partitionKey: "car-1",
  arrivedAtMs: T0 + atSecond * 1000,
  data: new TextEncoder().encode(
    JSON.stringify({ timestamp: T0 + atSecond * 1000, latitude: 45, longitude: 7 }),
  ),
});

const positionsOf = async ({ devices }: TrackingPorts) =>
  (await devices.load(["car-1"])).get("car-1")?.positionCount;

describe("finding 11: a stream made anew under its name", () => {
  test("numbers from 1 again, and nothing of it is dropped, whoever has heard of it", async () => {
    await fc.assert(property(), { numRuns: 40 });
  });

  test("the property catches a wrong design: a fence that does not name the incarnation", async () => {
    const result = await fc.check(property(fenceWithoutIncarnation.of), { seed: 1, endOnFailure: true });
    expect(result.failed).toBe(true);
  });

  test("a fence that was saved under the old stream's name holds back redeliveries all the same", async () => {
    let now = T0 + 1000;
    const streams = memoryStreamIdentity(T0, () => now);
    const ports = { ...memoryPorts(), streams };
    await trackRecords(ports, [record(1, 1), record(2, 2)]);
    streams.createAnew(T0 + 100_000);
    // Higher numbers raise no doubt, so the old creation time is used.
    await trackRecords(ports, [record(7, 101), record(8, 102)]);
    expect((await ports.devices.load(["car-1"])).get("car-1")?.fence?.streamCreatedAtMs).toBe(T0);
    now += 3_600_000;
    const outcome = await trackRecords(ports, [record(7, 101), record(8, 102), record(9, 103)]);
    expect(outcome).toMatchObject({ appliedRecordCount: 1, failures: [] });
    expect(await positionsOf(ports)).toBe(5);
  });

  test("a record of one stream that numbers backwards goes to quarantine, not into nothing", async () => {
    const ports = memoryPorts();
    await trackRecords(ports, [record(9, 1)]);
    const outcome = await trackRecords(ports, [record(4, 2)]);
    expect(outcome).toMatchObject({ failures: [], quarantinedRecordCount: 1, appliedRecordCount: 0 });
    expect(await ports.quarantine.get("shard-0:4")).toMatchObject({
      reason: expect.stringContaining("backwards"),
      data: record(4, 2).data,
    });
  });

  test("a record of the old stream that was still under way is applied, and moves no fence", async () => {
    const streams = memoryStreamIdentity(T0);
    const ports = { ...memoryPorts(), streams };
    await trackRecords(ports, [record(50, 1)]);
    streams.createAnew(T0 + 100_000);
    await trackRecords(ports, [record(1, 101), record(2, 102)]);
    await trackRecords(ports, [record(51, 3)]);
    await trackRecords(ports, [record(1, 101), record(2, 102)]);
    expect(await positionsOf(ports)).toBe(4);
    expect((await ports.devices.load(["car-1"])).get("car-1")?.fence).toMatchObject({
      sequenceNumber: "2",
      streamCreatedAtMs: T0 + 100_000,
    });
  });

  test("while nobody can say which stream it is, records come again; an old answer does for a while", async () => {
    const away = { createdAtMs: () => Promise.reject(new UnavailableError("Kinesis is away")) };
    const ports = memoryPorts();
    const outcome = await trackRecords({ ...ports, streams: away }, [record(1, 1)]);
    expect(outcome.failures).toMatchObject([{ sequenceNumber: "1" }]);
    expect(await positionsOf(ports)).toBeUndefined();
  });
});
