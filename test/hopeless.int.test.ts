import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoTrackStore } from "../lib/adapters/dynamodb/track-store.ts";
import { memoryStreamIdentity } from "../lib/adapters/memory/stream-identity.ts";
import { tenantKey } from "../lib/adapters/tenant-key.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import { type TrackedRecord, type TrackingPorts, trackRecords } from "../lib/core/device/track-records.ts";
import { isHopeless, RefusedError, TooLargeError } from "../lib/core/errors.ts";
import { PositionBuffer } from "../lib/core/position/position-buffer.ts";
import { encodeSegment } from "../lib/core/segment/segment.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { deviceTrack } from "../lib/core/track/track-store.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";
import { seededRandom } from "./random-segment.ts";

/* What a real table refuses, and what happens to the record behind it. */

const T0 = Date.UTC(2026, 10, 20, 12);
const CAR = "car-1";

let local: LocalDynamodb;
let ports: TrackingPorts;
let devicesTable: string;
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(() => local.close());
beforeEach(async () => {
  devicesTable = await local.makeTable("devices");
  const listingsTableName = await local.makeTable("listings");
  ports = {
    devices: dynamoDeviceStore(local.client, devicesTable, listingsTableName)(DEFAULT_TENANT),
    tracks: dynamoTrackStore(local.client, await local.makeTable("tracks"))(DEFAULT_TENANT),
    quarantine: dynamoQuarantineStore(local.client, await local.makeTable("quarantine"), {
      listingsTableName,
      now: () => T0,
    })(DEFAULT_TENANT),
    streams: memoryStreamIdentity(0),
    compression: zstd,
  };
});

const record = (number: number, data: Uint8Array, partitionKey = CAR): TrackedRecord => ({
  stream: "positions",
  sequenceNumber: String(number),
  recordId: `shard-0:${number}`,
  partitionKey,
  arrivedAtMs: T0 + number * 60_000,
  data,
});

const oneAt = (number: number): Uint8Array =>
  encodeSegment(
    PositionBuffer.from([{ timestampMs: T0 + number * 60_000, latitude: 45 + number / 100, longitude: 7 }]),
  );

/** Places all over the world: larger than an item can be, as data and as a segment. */
const hugeAt = (number: number): Uint8Array => {
  const random = seededRandom(9);
  const positions = Array.from({ length: 60_000 }, (_, index) => ({
    timestampMs: T0 + (number - 1) * 60_000 + 1 + index,
    latitude: random() * 170 - 85,
    longitude: random() * 360 - 180,
  }));
  return encodeSegment(PositionBuffer.from(positions));
};

const failureOf = async (request: Promise<unknown>): Promise<unknown> =>
  request.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("finding 9: writes that a table can never accept", () => {
  test("an item over 400 KB: its record is set aside whole, with the reason, and its lane goes on", async () => {
    // A wrong design: everything that a batch seals is one item.
    const joining: TrackingPorts = {
      ...ports,
      tracks: {
        ...ports.tracks,
        put: (trackId, segments) =>
          ports.tracks.put(trackId, [
            { ...segments[0], data: Buffer.concat(segments.map(({ data }) => data)) },
          ]),
      },
    };
    const huge = record(2, hugeAt(2));
    expect(huge.data.length).toBeGreaterThan(400 * 1024);
    const records = [record(1, oneAt(1)), huge, record(3, oneAt(3)), record(4, oneAt(4), "car-2")];
    const outcome = await trackRecords(joining, records);
    expect(outcome).toMatchObject({ failures: [], quarantinedRecordCount: 1, appliedRecordCount: 3 });
    const aside = await ports.quarantine.get(huge.recordId);
    expect(aside?.reason).toMatch(/^it can't be applied: write tracks-.* size /);
    expect(Buffer.compare(aside?.data ?? new Uint8Array(), huge.data)).toBe(0);
    const states = await ports.devices.load([CAR, "car-2"]);
    expect([states.get(CAR)?.positionCount, states.get("car-2")?.positionCount]).toEqual([2, 1]);
    // The service can deliver it again: nothing changes.
    expect(await trackRecords(joining, records)).toMatchObject({ failures: [], appliedRecordCount: 0 });
    expect((await ports.quarantine.list({ limit: 10 })).items).toHaveLength(1);
  });

  test("a segment over 400 KB is refused for ever, and reported as too large", async () => {
    const data = hugeAt(2);
    const segment = {
      kind: "sealed" as const,
      firstTimestampMs: 1,
      lastTimestampMs: 2,
      positionCount: 60_000,
      data,
    };
    const error = await failureOf(ports.tracks.put(deviceTrack(CAR), [segment]));
    expect(error).toBeInstanceOf(TooLargeError);
    expect(isHopeless(error)).toBe(true);
    // The same, in one call with others.
    const others = [1, 2].map((at) => ({ ...segment, firstTimestampMs: at * 10, data: Uint8Array.of(at) }));
    expect(await failureOf(ports.tracks.put(deviceTrack(CAR), [...others, segment]))).toBeInstanceOf(
      TooLargeError,
    );
  });

  test("a value that it refuses for a reason other than its size", async () => {
    const error = await failureOf(ports.devices.remove(""));
    expect(error).toBeInstanceOf(RefusedError);
    expect(isHopeless(error)).toBe(true);
    // And a record that causes it is set aside, while its device's other records continue.
    const refusing: TrackingPorts = {
      ...ports,
      devices: {
        ...ports.devices,
        async save(state) {
          if (state.fence?.sequenceNumber === "2") return ports.devices.remove("");
          return ports.devices.save(state);
        },
      },
    };
    const outcome = await trackRecords(refusing, [
      record(1, oneAt(1)),
      record(2, oneAt(2)),
      record(3, oneAt(3)),
    ]);
    // Records that failed together are applied one by one.
    expect(outcome).toMatchObject({ failures: [] });
    expect((await ports.devices.load([CAR])).get(CAR)?.positionCount).toBeGreaterThanOrEqual(2);
  });

  test("a table with other keys is not the record's fault: the record is retried", async () => {
    const tracksTable = await local.makeTable("tracks");
    const devices = dynamoDeviceStore(
      local.client,
      tracksTable,
      await local.makeTable("listings"),
    )(DEFAULT_TENANT);
    const outcome = await trackRecords({ ...ports, devices }, [record(1, oneAt(1))]);
    expect(outcome.failures).toMatchObject([{ sequenceNumber: "1" }]);
    expect(outcome.quarantinedRecordCount).toBe(0);
  });

  test.each([100, 349, 1_024])(
    "quarantine takes a record of %i KB with the longest key and a long reason",
    async (kilobytes) => {
      const size = kilobytes * 1024;
      const partitionKey = "\u{1F697}".repeat(256);
      const whole = {
        recordId: `shardId-000000000000:${"9".repeat(128)}:1795176000000`,
        stream: "arn:aws:kinesis:eu-west-1:123456789012:stream/positions",
        partitionKey,
        arrivedAtMs: T0,
        reason: "why ".repeat(60_000),
        problems: Array.from({ length: 2_000 }, (_, index) => ({
          field: "latitude",
          value: "x".repeat(200),
          rule: "must be between -90 and 90",
          index,
        })),
        data: new Uint8Array(size).fill(7),
      };
      await ports.quarantine.put(whole);
      const found = await ports.quarantine.get(whole.recordId);
      expect(found).toMatchObject({ partitionKey, reason: expect.stringMatching(/^why why/) });
      expect(found?.data.length).toBe(whole.data.length);
    },
  );
});

describe("finding 12: a device whose stored state is damaged", () => {
  test("fails neither its batch's other devices nor their listing", async () => {
    await trackRecords(ports, [record(1, oneAt(1), "a"), record(2, oneAt(2), "b"), record(3, oneAt(3), "c")]);
    const rotten = {
      deviceId: { S: tenantKey(DEFAULT_TENANT, "b") },
      version: { N: "1" },
      state: { B: Uint8Array.of(1, 2, 3) },
    };
    await local.client.send(new PutItemCommand({ TableName: devicesTable, Item: rotten }));
    const more = [record(4, oneAt(4), "a"), record(5, oneAt(5), "b"), record(6, oneAt(6), "c")];
    expect(await trackRecords(ports, more)).toMatchObject({
      failures: [],
      appliedRecordCount: 2,
      quarantinedRecordCount: 1,
    });
    const damaged: string[] = [];
    const page = await ports.devices.list({ limit: 10, onDamage: ({ deviceId }) => damaged.push(deviceId) });
    expect(page.items.map(({ deviceId }) => deviceId)).toEqual(["a", "c"]);
    expect(damaged).toEqual(["b"]);
  });
});
