import { expect, test } from "vitest";
import { memoryDeviceStore } from "../../adapters/memory/device-store.ts";
import { memoryPositionStream } from "../../adapters/memory/position-stream.ts";
import { memoryQuarantineStore } from "../../adapters/memory/quarantine-store.ts";
import { memoryStreamIdentity } from "../../adapters/memory/stream-identity.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { zstd } from "../../adapters/zstd.ts";
import { trackRecords } from "../device/track-records.ts";
import { NotFoundError, RecordError, TooLargeError, UnavailableError } from "../errors.ts";
import type { OutgoingRecord } from "../stream/position-stream.ts";
import { readTrack } from "../track/read-track.ts";
import { deviceTrack } from "../track/track-store.ts";
import type { FailedBatch, FailedBatches } from "./failed-batches.ts";
import { type RedriveOptions, redrive } from "./redrive.ts";

const FIRST_SECOND = Date.parse("2026-11-20T12:00:00Z") / 1000;
const record = (deviceId: string, ...seconds: number[]): OutgoingRecord => ({
  deviceId,
  data: new TextEncoder().encode(
    JSON.stringify(
      seconds.map((second) => ({ timestamp: FIRST_SECOND + second, latitude: 46, longitude: 14 })),
    ),
  ),
});
const batchOf = (...records: OutgoingRecord[]): FailedBatch => ({
  functionName: "track-devices",
  condition: "RetryAttemptsExhausted",
  records,
});

const setUp = (given: Readonly<Record<string, FailedBatch | Error>>) => {
  const waiting = new Map(Object.entries(given));
  const batches: FailedBatches = {
    async *keys() {
      yield* [...waiting.keys()];
    },
    async read(key) {
      const found = waiting.get(key) ?? new NotFoundError("gone");
      if (found instanceof Error) throw found;
      return found;
    },
    async settle(key) {
      waiting.delete(key);
    },
  };
  const stream = memoryPositionStream();
  const told: string[] = [];
  const options: RedriveOptions = {
    isDryRun: false,
    onBatch: (key) => told.push(key),
    onUnreadable: (key, { message }) => told.push(`${key}: ${message}`),
  };
  return { ports: { batches, stream }, options, told, waiting, stream };
};

test("plays every batch in order and puts it aside", async () => {
  const [a, b, c] = [record("van", 1), record("bus", 1), record("van", 2)];
  const { ports, options, told, waiting, stream } = setUp({ first: batchOf(a, b), second: batchOf(c) });
  expect(await redrive(ports, options)).toEqual({ batchCount: 2, recordCount: 3, unreadableCount: 0 });
  expect(stream.records).toEqual([a, b, c].map((each) => expect.objectContaining(each)));
  expect(told).toEqual(["first", "second"]);
  expect(waiting.size).toBe(0);
  expect(await redrive(ports, options)).toEqual({ batchCount: 0, recordCount: 0, unreadableCount: 0 });
});

test("a dry run looks and changes nothing; a limit ends it early", async () => {
  const { ports, options, waiting, stream } = setUp({
    a: batchOf(record("van", 1)),
    b: batchOf(record("van", 2)),
  });
  const dry = await redrive(ports, { ...options, isDryRun: true });
  expect(dry).toEqual({ batchCount: 2, recordCount: 2, unreadableCount: 0 });
  expect([waiting.size, stream.records.length]).toEqual([2, 0]);
  expect(await redrive(ports, { ...options, limit: 1 })).toMatchObject({ batchCount: 1 });
  expect([...waiting.keys()]).toEqual(["b"]);
});

test("what is no batch is told and left, and what another has taken is passed over", async () => {
  const { ports, options, told, waiting } = setUp({
    bad: new RecordError("it is not a failed batch"),
    gone: new NotFoundError("gone"),
    good: batchOf(record("van", 1)),
  });
  expect(await redrive(ports, options)).toEqual({ batchCount: 1, recordCount: 1, unreadableCount: 1 });
  expect(told).toEqual(["bad: it is not a failed batch", "good"]);
  expect([...waiting.keys()]).toEqual(["bad", "gone"]);
});

test("a batch that the stream did not take stays, and ends it", async () => {
  const { ports, options, waiting } = setUp({ a: batchOf(record("van", 1)) });
  const stream = { publish: () => Promise.reject(new UnavailableError("away")) };
  await expect(redrive({ ...ports, stream }, options)).rejects.toThrow("away");
  expect([...waiting.keys()]).toEqual(["a"]);
});

test("finding 9: a batch that the stream will never take is told and left, and holds up no other", async () => {
  const [huge, van] = [record("bus", 1), record("van", 1)];
  const { ports, options, told, waiting, stream } = setUp({ huge: batchOf(huge), good: batchOf(van) });
  const refusing = {
    async publish(records: readonly OutgoingRecord[]) {
      if (records.includes(huge)) throw new TooLargeError("the record has too many bytes");
      await stream.publish(records);
    },
  };
  const summary = await redrive({ ...ports, stream: refusing }, options);
  expect(summary).toEqual({ batchCount: 1, recordCount: 1, unreadableCount: 1 });
  expect(told).toEqual(["huge: the record has too many bytes", "good"]);
  expect([...waiting.keys()]).toEqual(["huge"]);
  expect(stream.records).toEqual([expect.objectContaining(van)]);
});

test("positions that are played again late, and then once more, are on the track once", async () => {
  const ports = {
    devices: memoryDeviceStore(),
    tracks: memoryTrackStore(),
    quarantine: memoryQuarantineStore(),
    streams: memoryStreamIdentity(),
    compression: zstd,
    now: () => (FIRST_SECOND + 1_000) * 1000,
  };
  let sequence = 0;
  const track = async ({ deviceId, data }: OutgoingRecord): Promise<void> => {
    const sequenceNumber = String(++sequence);
    const { failures } = await trackRecords(ports, [
      {
        partitionKey: deviceId,
        sequenceNumber,
        data,
        arrivedAtMs: (FIRST_SECOND + 900) * 1000,
        stream: "positions",
        recordId: `shard-0:${sequenceNumber}`,
      },
    ]);
    expect(failures).toEqual([]);
  };
  const seconds = Array.from({ length: 600 }, (_, second) => second);
  const givenUp = record("van", ...seconds.slice(100, 150));
  // The newest of them are still in the tail when they come again, the others were sealed before.
  await track(record("van", ...seconds.slice(0, 100)));
  await track(record("van", ...seconds.slice(150)));

  const play = async (): Promise<void> => {
    const { ports: redriving, options, stream } = setUp({ a: batchOf(givenUp) });
    const settle = () => Promise.reject(new UnavailableError("stopped here"));
    const batches = { ...redriving.batches, settle };
    await expect(redrive({ ...redriving, batches }, options)).rejects.toThrow("stopped here");
    for (const played of stream.records) await track(played);
  };
  await play();
  const states = async () => (await ports.devices.load(["van"])).get("van");
  const once = await states();
  expect(once?.positionCount).toBe(600);
  await play();
  const { fence: _, version: __, lastHeardMs: ___, ...twice } = (await states()) ?? {};
  expect(once).toMatchObject(twice);
  const read = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 10_000, tail: once?.tail };
  const { positions } = await readTrack(ports, deviceTrack("van"), read);
  expect(Array.from(positions, ({ timestampMs }) => timestampMs / 1000 - FIRST_SECOND)).toEqual(seconds);
});
