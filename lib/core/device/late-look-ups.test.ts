import { describe, expect, test } from "vitest";
import { memoryDeviceStore } from "../../adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../../adapters/memory/quarantine-store.ts";
import { memoryStreamIdentity } from "../../adapters/memory/stream-identity.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { zstd } from "../../adapters/zstd.ts";
import { deviceTrack, type TrackId, type TrackStore } from "../track/track-store.ts";
import { type TrackedRecord, trackRecords } from "./track-records.ts";

const FIRST_MS = Date.UTC(2026, 10, 20);
const BATCH = 300;
const DEVICE_ID = "phone";

const record = (number: number, timestampMs: number): TrackedRecord => {
  const sequenceNumber = String(10n ** 55n + BigInt(number));
  const position = { timestamp: timestampMs, latitude: 46 + (number % 90) / 1e5, longitude: 14 };
  return {
    stream: "arn:aws:kinesis:us-east-1:123456789012:stream/positions",
    sequenceNumber,
    recordId: `shardId-000000000000:${sequenceNumber}`,
    partitionKey: DEVICE_ID,
    arrivedAtMs: FIRST_MS + 24 * 3_600_000 + number,
    data: new TextEncoder().encode(JSON.stringify(position)),
  };
};

/** Counts look-ups of the track, and the segments that they fetch. */
const counting = (tracks: TrackStore) => {
  const counts = { lookUps: 0, segments: 0, puts: 0 };
  const counted: TrackStore = {
    ...tracks,
    async *segments(trackId: TrackId, range) {
      counts.lookUps++;
      for await (const segment of tracks.segments(trackId, range)) {
        counts.segments++;
        yield segment;
      }
    },
    async putLate(trackId, part) {
      counts.puts++;
      return tracks.putLate(trackId, part);
    },
  };
  return { counts, counted };
};

describe("finding 8: a phone's backlog, one position a record", () => {
  test("each batch looks at its part of the track once, however many records it has", async () => {
    const { counts, counted } = counting(memoryTrackStore());
    const ports = {
      devices: memoryDeviceStore(),
      tracks: counted,
      quarantine: memoryQuarantineStore(),
      streams: memoryStreamIdentity(),
      compression: zstd,
    };
    const apply = async (records: TrackedRecord[]) => {
      for (let from = 0; from < records.length; from += BATCH) {
        const { failures } = await trackRecords(ports, records.slice(from, from + BATCH));
        expect(failures).toEqual([]);
      }
    };
    // Enough newer positions that some of them are sealed: all that follows is late.
    await apply(
      Array.from({ length: 600 }, (_, index) => record(index, FIRST_MS + 20 * 3_600_000 + index * 10)),
    );
    expect(counts.lookUps).toBe(0);

    const backlog = Array.from({ length: 3000 }, (_, index) => record(600 + index, FIRST_MS + index * 1000));
    await apply(backlog);
    const batches = backlog.length / BATCH;
    expect(counts.lookUps).toBeLessThanOrEqual(2 * batches);
    // A batch of five minutes meets what is there of one or two spans of time, in parts of dozens of
    // positions each.
    expect(counts.segments).toBeLessThan(backlog.length / 10);
    expect(counts.puts).toBeLessThan(backlog.length / 10);
    expect((await ports.devices.load([DEVICE_ID])).get(DEVICE_ID)?.positionCount).toBe(3600);
    let stored = 0;
    for await (const { kind, positionCount } of counted.segments(deviceTrack(DEVICE_ID), {
      fromMs: FIRST_MS,
      toMs: FIRST_MS + 4 * 3_600_000,
    })) {
      expect(kind).toBe("late");
      stored += positionCount;
    }
    expect(stored).toBe(backlog.length);
  });
});
