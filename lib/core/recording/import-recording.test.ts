import { describe, expect, test } from "vitest";
import { claimPorts } from "../../../test/claims.ts";
import { replayOf } from "../../../test/replay-simulation.ts";
import { memoryRecordingStore } from "../../adapters/memory/recording-store.ts";
import { memoryReplayStore } from "../../adapters/memory/replay-store.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { zstd } from "../../adapters/zstd.ts";
import { ConflictError, UnavailableError } from "../errors.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { admitReplay } from "../replay/active-replays.ts";
import { deleteRecording } from "../replay/delete-recording.ts";
import { readTrack } from "../track/read-track.ts";
import { recordingTrack, type StoredSegment } from "../track/track-store.ts";
import { importRecording, type RecordingFile } from "./import-recording.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const FIRST_MS = Date.parse("2019-12-24T20:21:27.999Z");

const fileOf = (seconds: readonly number[]): RecordingFile => ({
  format: "csv",
  contentHash: "ab".repeat(32),
  positions: PositionBuffer.from(
    seconds.map((second, index) => ({
      timestampMs: FIRST_MS + second * 1_000,
      latitude: 48 + second / 10_000,
      longitude: 11,
      elevationMeters: index,
    })),
  ),
  rejected: [{ line: 7, problems: [{ field: "latitude", value: "91", rule: "must be between -90 and 90" }] }],
  rejectedRowCount: 3,
  spreadCount: 0,
});

const world = () => {
  const tracks = memoryTrackStore();
  const recordings = memoryRecordingStore();
  const replays = memoryReplayStore();
  const puts: StoredSegment[][] = [];
  const ports = {
    recordings,
    replays,
    ...claimPorts(),
    tracks: {
      ...tracks,
      put: async (...[trackId, segments]: Parameters<typeof tracks.put>) => {
        puts.push([...segments]);
        await tracks.put(trackId, segments);
      },
    },
    compression: zstd,
    now: () => NOW_MS,
  };
  const read = (recordingId: string, epoch?: number) =>
    readTrack({ tracks, compression: zstd }, recordingTrack(recordingId, epoch), {
      fromMs: 0,
      toMs: NOW_MS,
      limit: 100_000,
    });
  return { ports, puts, read };
};

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("importing a recording", () => {
  test("stores the positions in segments, and what is known of them", async () => {
    const { ports, puts, read } = world();
    const { recording, created, rejected } = await importRecording(
      ports,
      fileOf(range(1_316)),
      "Weihnachts Fährt.csv",
    );
    expect(created).toBe(true);
    expect(rejected).toHaveLength(1);
    expect(recording).toMatchObject({
      recordingId: expect.stringMatching(/^weihnachts-fahrt-[0-9a-f]{12}$/),
      name: "Weihnachts Fährt.csv",
      format: "csv",
      positionCount: 1_316,
      firstTimestampMs: FIRST_MS,
      lastTimestampMs: FIRST_MS + 1_315_000,
      medianIntervalMs: 1_000,
      rejectedRowCount: 3,
      duplicateCount: 0,
      createdAtMs: NOW_MS,
    });
    // 0.0001 degrees of latitude a second; the first of them may be noise of a parked car.
    const meters = (0.1315 * Math.PI * 6_371_008.8) / 180;
    expect(Math.abs(recording.distanceMeters - meters)).toBeLessThan(20);
    expect(puts.flat().map(({ positionCount }) => positionCount)).toEqual([400, 400, 400, 116]);
    expect(puts.flat().every(({ kind }) => kind === "sealed")).toBe(true);
    expect((await read(recording.recordingId)).positions.count).toBe(1_316);
    expect(await ports.recordings.get(recording.recordingId)).toEqual(recording);
  });

  test("puts positions in time order, and keeps the first of those with one timestamp", async () => {
    const { ports, read } = world();
    const { recording } = await importRecording(ports, fileOf([5, 1, 3, 1, 5, 2]), "x");
    const { positions } = await read(recording.recordingId);
    expect(
      [...positions].map(({ timestampMs, elevationMeters }) => [timestampMs - FIRST_MS, elevationMeters]),
    ).toEqual([
      [1_000, 1],
      [2_000, 5],
      [3_000, 2],
      [5_000, 0],
    ]);
    expect(recording).toMatchObject({ positionCount: 4, duplicateCount: 2, medianIntervalMs: 1_000 });
  });

  test("one gap among two intervals is not the usual one, which a looped replay leaves between its rounds", async () => {
    const { recording } = await importRecording(world().ports, fileOf([0, 1, 86_400]));
    expect(recording.medianIntervalMs).toBe(1_000);
  });

  test("again, under the same name, is the same recording", async () => {
    const { ports, read } = world();
    const first = await importRecording(ports, fileOf(range(3)), "drive");
    const second = await importRecording({ ...ports, now: () => NOW_MS + 1 }, fileOf(range(3)), "drive");
    expect(second).toEqual({ ...first, created: false });
    expect((await read(first.recording.recordingId)).positions.count).toBe(3);
  });

  test("again, after a deletion that broke off before the positions were gone, is whole, and leaves nothing of the first", async () => {
    const { ports, read } = world();
    const { recording } = await importRecording(ports, fileOf(range(3)), "drive");
    await ports.recordings.bury(recording.recordingId);
    const again = await importRecording(ports, fileOf(range(3)), "drive");
    expect(again).toMatchObject({ created: true, recording: { ...recording, epoch: 1 } });
    expect((await read(recording.recordingId, 1)).positions.count).toBe(3);
    expect((await read(recording.recordingId)).positions.count).toBe(0);
  });

  test("that broke off shows nothing, and is completed when it is repeated", async () => {
    const { ports, read } = world();
    let writes = 0;
    const tracks: typeof ports.tracks = {
      ...ports.tracks,
      put: async (...call) => {
        if (++writes === 2) throw new UnavailableError("cut");
        await ports.tracks.put(...call);
      },
    };
    const file = fileOf(range(50_000));
    await expect(importRecording({ ...ports, tracks }, file, "x")).rejects.toThrow("cut");
    expect(await ports.recordings.list({ limit: 10 })).toEqual({ items: [] });
    const { recording, created } = await importRecording(ports, file, "x");
    expect(created).toBe(true);
    expect((await read(recording.recordingId)).positions.count).toBe(50_000);
  });

  test("names it after its first day unless told", async () => {
    const { ports } = world();
    const { recording } = await importRecording(ports, fileOf([0]));
    expect(recording.name).toBe("Drive of 2019-12-24");
    expect(recording.recordingId).toMatch(/^drive-of-2019-12-24-[0-9a-f]{12}$/);
  });

  test.each([
    ["кафе", /^recording-[0-9a-f]{12}$/],
    ["../../etc/passwd", /^etc-passwd-[0-9a-f]{12}$/],
    ["x".repeat(200), /^x{40}-[0-9a-f]{12}$/],
  ])("makes a safe id of the name %s", async (name, pattern) => {
    const { ports } = world();
    expect((await importRecording(ports, fileOf([0]), name)).recording.recordingId).toMatch(pattern);
  });

  test("refuses a name without content and one that is too long", async () => {
    const { ports } = world();
    for (const name of ["  ", "x".repeat(201)]) {
      await expect(importRecording(ports, fileOf([0]), name)).rejects.toMatchObject({
        problems: [{ field: "name", rule: "must have 1 to 200 characters" }],
      });
    }
  });

  test("refuses a file without a position, with the first reason", async () => {
    const { ports } = world();
    await expect(importRecording(ports, fileOf([]))).rejects.toThrow(
      "none of the file's 3 rows is a position; line 7: latitude must be between -90 and 90",
    );
    await expect(
      importRecording(ports, { ...fileOf([]), rejected: [], rejectedRowCount: 0 }),
    ).rejects.toThrow("the file has a header and no rows");
  });
});

describe("deleting a recording", () => {
  test("takes its positions and its item", async () => {
    const { ports, read } = world();
    const { recordingId } = (await importRecording(ports, fileOf(range(1_000)), "x")).recording;
    await deleteRecording(ports, recordingId);
    expect((await read(recordingId)).positions.count).toBe(0);
    expect(await ports.recordings.get(recordingId)).toBeUndefined();
    await expect(deleteRecording(ports, recordingId)).rejects.toMatchObject({ name: "NotFoundError" });
  });

  test("can be repeated when it broke off, and nobody reads half of the recording meanwhile", async () => {
    const { ports, read } = world();
    const { recordingId } = (await importRecording(ports, fileOf([0]), "x")).recording;
    const tracks = {
      ...ports.tracks,
      remove: async () => {
        throw new UnavailableError("cut");
      },
    };
    await expect(deleteRecording({ ...ports, tracks }, recordingId)).rejects.toThrow("cut");
    expect(await ports.recordings.get(recordingId)).toBeUndefined();
    await deleteRecording(ports, recordingId);
    expect((await read(recordingId)).positions.count).toBe(0);
    await expect(deleteRecording(ports, recordingId)).rejects.toMatchObject({ name: "NotFoundError" });
  });

  test("is refused while a replay of it plays or is paused, and only then", async () => {
    const { ports, read } = world();
    const { recordingId } = (await importRecording(ports, fileOf(range(10)), "x")).recording;
    const replay = replayOf([0, 1]);
    for (let other = 0; other < 150; other++)
      await ports.replays.save({ ...replay, replayId: `other-${other}` });
    const sources = [replay.sources[0], { ...replay.sources[0], recordingId }];
    for (const status of ["playing", "paused"] as const) {
      const made = { ...replay, replayId: `user-${status}`, sources, status };
      await admitReplay(ports, { ...made, allowSharedDevices: true }, ports.limits);
      const user = await ports.replays.save(made);
      await expect(deleteRecording(ports, recordingId)).rejects.toMatchObject({
        name: "ConflictError",
        message: `recording ${recordingId} is played by replay user-${status}: delete that first`,
      });
      await ports.replays.save({ ...user, status: status === "playing" ? "finished" : "failed" });
    }
    expect((await read(recordingId)).positions.count).toBe(10);
    await deleteRecording(ports, recordingId);
  });
});

test("a recording that there is no room for is refused before anything is written; one that is there is found", async () => {
  const recordings = memoryRecordingStore();
  const tracks = memoryTrackStore();
  const ports = { recordings, tracks, compression: zstd, now: () => 0 };
  const asked: number[] = [];
  const full = {
    ...ports,
    checkRoom: async (adding: number) => {
      asked.push(adding);
      throw new ConflictError("full");
    },
  };
  const file = {
    format: "csv",
    contentHash: "00".repeat(32),
    positions: PositionBuffer.from([{ timestampMs: 0, latitude: 1, longitude: 2 }]),
    rejected: [],
    rejectedRowCount: 0,
    spreadCount: 0,
  };
  await expect(importRecording(full, file)).rejects.toBeInstanceOf(ConflictError);
  expect(asked).toEqual([1]);
  expect(await recordings.list({ limit: 10 })).toEqual({ items: [] });
  const { recording } = await importRecording(ports, file);
  const segments = tracks.segments(recordingTrack(recording.recordingId), { fromMs: 0, toMs: 1 });
  for await (const segment of segments) expect(segment.positionCount).toBe(1);
  expect((await importRecording(full, file)).created).toBe(false);
});
