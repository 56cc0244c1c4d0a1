import { readFileSync } from "node:fs";
import type { Context, KinesisStreamEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { memoryDeviceStore } from "../../lib/adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../../lib/adapters/memory/quarantine-store.ts";
import { memoryTrackStore } from "../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../lib/adapters/zstd.ts";
import type { TrackingPorts } from "../../lib/core/device/track-records.ts";
import { createHandler } from "./handler.ts";

const ports = (): TrackingPorts => ({
  devices: memoryDeviceStore(),
  tracks: memoryTrackStore(),
  quarantine: memoryQuarantineStore(),
  compression: zstd,
});

const sample = (name: string): KinesisStreamEvent =>
  JSON.parse(readFileSync(new URL(`../../events/track-devices/${name}.json`, import.meta.url), "utf8"));

const handle = (to: TrackingPorts, event: KinesisStreamEvent) => createHandler(to)(event, {} as Context);

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
  const kept = await Promise.all([poison, partly, stranger].map(({ eventID }) => to.quarantine.get(eventID)));
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
