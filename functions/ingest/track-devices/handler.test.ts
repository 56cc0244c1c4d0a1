import { readFileSync } from "node:fs";
import type { Context, KinesisStreamEvent } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../../../lib/adapters/memory/quarantine-store.ts";
import { memoryStreamIdentity } from "../../../lib/adapters/memory/stream-identity.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import type { TrackingPorts } from "../../../lib/core/device/track-records.ts";
import { createHandler } from "./handler.ts";

const ports = (): TrackingPorts => ({
  devices: memoryDeviceStore(),
  tracks: memoryTrackStore(),
  quarantine: memoryQuarantineStore(),
  streams: memoryStreamIdentity(),
  compression: zstd,
});

const sample = (name: string): KinesisStreamEvent =>
  JSON.parse(readFileSync(new URL(`../../../events/track-devices/${name}.json`, import.meta.url), "utf8"));

/** Hands the handler these records, and returns the counts that it gave to its metrics. */
const counted = async (to: TrackingPorts, ...records: KinesisStreamEvent["Records"]) => {
  const counts: Readonly<Record<string, number>>[] = [];
  const metrics = { count: (some: Readonly<Record<string, number>>) => void counts.push(some) };
  await createHandler(() => to, undefined, metrics)({ Records: records }, {} as Context);
  expect(counts).toHaveLength(1);
  return counts[0];
};

/** The event's first record with other positions, as the nth of its shard. */
const recordOf = (number: number, positions: readonly object[]): KinesisStreamEvent["Records"][0] => {
  const [record] = sample("json").Records;
  const sequenceNumber = `${record.kinesis.sequenceNumber.slice(0, -3)}${500 + number}`;
  const data = Buffer.from(JSON.stringify(positions)).toString("base64");
  return {
    ...record,
    eventID: `shardId-000000000000:${sequenceNumber}`,
    kinesis: { ...record.kinesis, sequenceNumber, data },
  };
};

const recordIdOf = ({ eventID, kinesis }: KinesisStreamEvent["Records"][0]): string =>
  `${eventID}:${Math.round(kinesis.approximateArrivalTimestamp * 1000)}`;

const handle = (to: TrackingPorts, event: KinesisStreamEvent) =>
  createHandler(() => to)(event, {} as Context);

test("positions as JSON, in our words and the course's, move their devices", async () => {
  const to = ports();
  expect(await handle(to, sample("json"))).toEqual({ batchItemFailures: [] });
  const states = await to.devices.load(["sample-car", "sample-bus"]);
  expect(states.get("sample-car")).toMatchObject({ positionCount: 4, version: 1 });
  expect(states.get("sample-car")?.odometerMeters).toBeCloseTo(40.65, 1);
  expect(states.get("sample-bus")).toMatchObject({ positionCount: 5, version: 1 });
});

test("an encoded segment moves its device, and again changes nothing", async () => {
  const to = ports();
  await handle(to, sample("encoded-segment"));
  const once = await to.devices.load(["sample-van"]);
  expect(once.get("sample-van")).toMatchObject({ positionCount: 30 });
  expect(await handle(to, sample("encoded-segment"))).toEqual({ batchItemFailures: [] });
  expect(await to.devices.load(["sample-van"])).toEqual(once);
});

test("what can't be read goes to quarantine, whole and with the reason, and the shard goes on", async () => {
  const to = ports();
  const event = sample("poison-between-positions");
  expect(await handle(to, event)).toEqual({ batchItemFailures: [] });
  const states = await to.devices.load(["sample-tram"]);
  expect(states.get("sample-tram")).toMatchObject({
    positionCount: 3,
    fence: { sequenceNumber: event.Records[4].kinesis.sequenceNumber },
  });
  const [, poison, partly, stranger] = event.Records;
  const kept = await Promise.all(
    [poison, partly, stranger].map((record) => to.quarantine.get(recordIdOf(record))),
  );
  expect(kept[0]).toMatchObject({
    stream: poison.eventSourceARN,
    partitionKey: "sample-tram",
    data: new Uint8Array(Buffer.from(poison.kinesis.data, "base64")),
    reason: expect.stringContaining("can't be read"),
  });
  expect(kept[1]).toMatchObject({ problems: [{ field: "latitude", value: 91, index: 1 }] });
  expect(kept[2]?.reason).toContain("deviceId");
});

test("a device that can't be saved is delivered again from its first record on, and holds up no other", async () => {
  const to = ports();
  const { save } = to.devices;
  const broken: TrackingPorts = {
    ...to,
    devices: {
      ...to.devices,
      async save(state) {
        if (state.deviceId === "sample-bus") throw new Error("the table does not answer");
        await save(state);
      },
    },
  };
  const event = sample("json");
  expect(await handle(broken, event)).toEqual({
    batchItemFailures: [{ itemIdentifier: event.Records[1].kinesis.sequenceNumber }],
  });
  const redelivered = { Records: event.Records.slice(1) };
  expect(await handle(to, redelivered)).toEqual({ batchItemFailures: [] });
  const states = await to.devices.load(["sample-car", "sample-bus"]);
  expect([...states.values()].map(({ positionCount }) => positionCount).sort()).toEqual([4, 5]);
});

test("an item that can't be read fails its own device", async () => {
  const to = ports();
  const broken: TrackingPorts = {
    ...to,
    devices: {
      ...to.devices,
      async load(deviceIds) {
        if (deviceIds.includes("sample-bus")) throw new Error("the item is damaged");
        return to.devices.load(deviceIds);
      },
    },
  };
  const event = sample("json");
  expect(await handle(broken, event)).toEqual({
    batchItemFailures: [{ itemIdentifier: event.Records[1].kinesis.sequenceNumber }],
  });
  expect((await to.devices.load(["sample-car"])).get("sample-car")).toMatchObject({ positionCount: 4 });
});

describe("finding 14: what became of positions is counted", () => {
  const [first] = sample("json").Records;
  const arrivedAt = first.kinesis.approximateArrivalTimestamp;
  const at = (second: number, more: object = {}) => ({
    timestamp: arrivedAt - 100_000 + second,
    latitude: 45 + second / 1e4,
    longitude: 7,
    ...more,
  });
  const NOTHING = {
    LatePositions: 0,
    DuplicatePositions: 0,
    ConflictingPositions: 0,
    RefusedPositions: 0,
    QuarantinedRecords: 0,
    RecordsFailed: 0,
  };

  test("in order: nothing to tell, and nothing for a redelivery", async () => {
    const to = ports();
    const record = recordOf(1, [at(1), at(2)]);
    expect(await counted(to, record)).toEqual(NOTHING);
    expect(await counted(to, record)).toEqual(NOTHING);
  });

  test("a duplicate, a conflict and a refused position", async () => {
    const to = ports();
    const record = recordOf(1, [at(1), at(1), at(1, { latitude: 46 }), at(2), at(3, { latitude: 91 })]);
    expect(await counted(to, record)).toEqual({
      ...NOTHING,
      DuplicatePositions: 1,
      ConflictingPositions: 1,
      RefusedPositions: 1,
      QuarantinedRecords: 1,
    });
  });

  test("late positions, when their neighbours had been sealed", async () => {
    const to = ports();
    const sealing = Array.from({ length: 600 }, (_, index) => at(10 + index));
    expect(await counted(to, recordOf(1, sealing), recordOf(2, [at(1), at(2)]))).toEqual({
      ...NOTHING,
      LatePositions: 2,
    });
  });

  test("a record that can't be read, and records that must come again", async () => {
    const to = ports();
    const poison = recordOf(1, []);
    poison.kinesis.data = Buffer.from("poison").toString("base64");
    expect(await counted(to, poison)).toEqual({ ...NOTHING, QuarantinedRecords: 1 });
    const broken: TrackingPorts = {
      ...to,
      devices: {
        ...to.devices,
        async save() {
          throw new Error("the table does not answer");
        },
      },
    };
    const failed = await counted(broken, recordOf(2, [at(1)]), recordOf(3, [at(2)]));
    expect(failed).toEqual({ ...NOTHING, RecordsFailed: 2 });
  });
});
