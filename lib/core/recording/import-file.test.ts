import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryFileSource } from "../../../test/files.ts";
import { memoryRecordingStore } from "../../adapters/memory/recording-store.ts";
import { memoryTaskStore } from "../../adapters/memory/task-store.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { memoryWorkflowStarter } from "../../adapters/memory/workflow-starter.ts";
import { recordingReader } from "../../adapters/recording-reader.ts";
import { zstd } from "../../adapters/zstd.ts";
import { ConflictError, UnavailableError } from "../errors.ts";
import type { FileSource } from "../files/file-source.ts";
import { decodeSegment } from "../segment/segment.ts";
import { recordingTrack, type StoredSegment, type TrackStore } from "../track/track-store.ts";
import { readRecording } from "./import-chunks.ts";
import { checkFile, MAXIMUM_FILE_BYTES, MAXIMUM_UNORDERED_POSITIONS, storeFile } from "./import-file.ts";
import { importRecording } from "./import-recording.ts";
import { startImport } from "./start-import.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const FIRST_SECOND = Date.parse("2026-03-14T08:00:00Z") / 1000;
const FILE = { bucket: "recordings", key: "fleet/van-7.csv", version: "v1" };

const csvOf = (seconds: readonly number[]): string =>
  [
    "timestamp,latitude,longitude",
    ...seconds.map((second, row) => `${FIRST_SECOND + second},${46 + second / 1e5},${14 + row / 1e6}`),
  ].join("\n");
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const world = async (content: string) => {
  let nowMs = NOW_MS;
  const ports = {
    files: memoryFileSource({ [FILE.key]: content }),
    reader: recordingReader,
    tasks: memoryTaskStore(),
    workflows: memoryWorkflowStarter(),
    recordings: memoryRecordingStore(),
    tracks: memoryTrackStore(),
    compression: zstd,
    now: () => nowMs,
  };
  const taskId = (await startImport(ports, FILE)) ?? "";
  return {
    ports,
    taskId,
    pass: (ms: number) => {
      nowMs += ms;
    },
    run: async () => storeFile(ports, taskId, await checkFile(ports, taskId)),
  };
};

const segmentsOf = async (tracks: TrackStore, recordingId: string): Promise<StoredSegment[]> => {
  const found: StoredSegment[] = [];
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  for await (const segment of tracks.segments(recordingTrack(recordingId), range)) found.push(segment);
  return found;
};

describe("an import from a file", () => {
  test("gives the very recording that a request with the same file gives, in any order of rows", async () => {
    const second = fc.integer({ min: 0, max: 3_000 });
    const rows = fc.array(second, { minLength: 1, maxLength: 1_500 });
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), async (seconds, isSorted) => {
        const text = csvOf(isSorted ? seconds.toSorted((one, other) => one - other) : seconds);
        const { ports, run } = await world(text);
        const imported = await run();
        const other = { ...ports, recordings: memoryRecordingStore(), tracks: memoryTrackStore() };
        const file = await readRecording(recordingReader, [new TextEncoder().encode(text)], NOW_MS);
        const { recording } = await importRecording(other, file, "van-7.csv");
        expect(await ports.recordings.get(imported.recordingId)).toEqual(recording);
        const { recordingId } = recording;
        expect(await segmentsOf(ports.tracks, recordingId)).toEqual(
          await segmentsOf(other.tracks, recordingId),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("stores many blocks of segments, and says what it left out", async () => {
    const text = csvOf([...range(45_000), 44_999, 45_000]).replace("\n", "\n1577218800,91,0\n");
    const { ports, run } = await world(text);
    const result = await run();
    expect(result).toEqual({
      recordingId: expect.stringMatching(/^van-7-[0-9a-f]{12}$/),
      created: true,
      positionCount: 45_002,
      duplicateCount: 0,
      spreadCount: 1,
      rejectedRowCount: 1,
      rejected: [{ line: 2, problems: [expect.objectContaining({ field: "latitude" })] }],
    });
    const segments = await segmentsOf(ports.tracks, result.recordingId);
    expect(segments.map(({ positionCount }) => positionCount)).toEqual([...Array(112).fill(400), 202]);
    expect(await ports.recordings.get(result.recordingId)).toMatchObject({
      name: "van-7.csv",
      medianIntervalMs: 1_000,
    });
    expect(await run()).toEqual({ ...result, created: false });
  });

  test("tells how far it is", async () => {
    const { ports, taskId, pass } = await world(csvOf(range(100)));
    const advances: unknown[] = [];
    const tasks = {
      ...ports.tasks,
      advance: async (_: string, progress: unknown) => {
        advances.push(progress);
      },
    };
    const open: FileSource["open"] = async (file) => {
      const { sizeBytes, chunks } = await ports.files.open(file);
      const slowly = async function* () {
        for await (const chunk of chunks) {
          pass(1_500);
          yield chunk;
        }
      };
      return { sizeBytes, chunks: slowly() };
    };
    await checkFile({ ...ports, tasks, files: { open } }, taskId);
    const [first] = advances as { sizeBytes: number }[];
    expect(advances[0]).toEqual({ step: "checking", bytesRead: 0, sizeBytes: first.sizeBytes });
    expect(advances.at(-1)).toEqual({ ...first, bytesRead: first.sizeBytes });
    expect(advances).toHaveLength(3);
  });

  test.each([
    ["", /the file is empty/],
    ["timestamp,latitude\n1,2", /the header has no column longitude/],
    ["timestamp,latitude,longitude\n", /a header and no row/],
    [
      "timestamp,latitude,longitude\n1577218800,91,0\n1577218800,92,0",
      /none of the file's 2 rows is a position; line 2/,
    ],
    ["\u0000\u0001\u0002", /is binary/],
    ["timestamp,latitude,longitude\n2030-01-01T00:00:00Z,1,2", /more than 5 minutes after/],
  ])("refuses %j before anything is written", async (content, message) => {
    const { ports, taskId } = await world(content);
    await expect(checkFile(ports, taskId)).rejects.toThrow(message);
    expect(await ports.recordings.list({ limit: 1 })).toEqual({ items: [] });
  });

  test("refuses what is too large to be read in time, and rows without order that are too many to be sorted", async () => {
    const { ports, taskId } = await world("");
    const open = async () => ({ sizeBytes: MAXIMUM_FILE_BYTES + 1, chunks: (async function* () {})() });
    await expect(checkFile({ ...ports, files: { open } }, taskId)).rejects.toThrow(
      /at most 2048 MB, but has 2049 MB/,
    );

    const { positions } = await readRecording(
      recordingReader,
      [new TextEncoder().encode(csvOf([1, 0]))],
      NOW_MS,
    );
    const reader: typeof recordingReader = {
      async read(_, __, take) {
        for (let rows = 0; rows <= MAXIMUM_UNORDERED_POSITIONS; rows += positions.count)
          await take(positions, { number: 0 });
        return { format: "csv", contentHash: "00", rejected: [], rejectedRowCount: 0, spreadCount: 0 };
      },
    };
    const files = memoryFileSource({ [FILE.key]: "x" });
    await expect(checkFile({ ...ports, files, reader }, taskId)).rejects.toThrow(/in time order .* sort it/);
  });

  test("can't be read before it is whole, and an import that broke off is completed by the next", async () => {
    const { ports, taskId } = await world(csvOf(range(50_000)));
    const survey = await checkFile(ports, taskId);
    let puts = 0;
    const put: TrackStore["put"] = async (...segments) => {
      if (++puts === 2) throw new UnavailableError("away");
      await ports.tracks.put(...segments);
    };
    await expect(storeFile({ ...ports, tracks: { ...ports.tracks, put } }, taskId, survey)).rejects.toThrow(
      "away",
    );
    expect(await ports.recordings.get(survey.recordingId)).toBeUndefined();
    expect(await storeFile(ports, taskId, survey)).toMatchObject({ created: true, positionCount: 50_000 });
    expect(await segmentsOf(ports.tracks, survey.recordingId)).toHaveLength(125);
  });

  test.each([
    ["with other rows", csvOf(range(30_000).map((second) => second + 7))],
    ["in another order", csvOf([...range(30_000), 5])],
  ])("of a file that changed in between, %s, leaves nothing behind", async (_, changed) => {
    const { ports, taskId } = await world(csvOf(range(30_000)));
    const survey = await checkFile(ports, taskId);
    ports.files.put(FILE.key, changed);
    await expect(storeFile(ports, taskId, survey)).rejects.toBeInstanceOf(ConflictError);
    expect(await ports.recordings.get(survey.recordingId)).toBeUndefined();
    expect(await segmentsOf(ports.tracks, survey.recordingId)).toEqual([]);
  });
});

describe("the start of an import", () => {
  test("is one task and one execution for a version of a file, however often it is told of", async () => {
    const { ports, taskId } = await world("");
    expect(taskId).toMatch(/^import-[0-9a-f]{32}$/);
    expect(await startImport(ports, FILE)).toBe(taskId);
    expect(ports.workflows.started).toEqual([
      { workflow: "import-recording", executionName: taskId, input: { taskId } },
    ]);
    for (const other of [{ version: "v2" }, { key: "x.csv" }, { bucket: "b" }]) {
      expect(await startImport(ports, { ...FILE, ...other })).not.toBe(taskId);
    }
    expect(ports.workflows.started).toHaveLength(4);
  });

  test("that failed is made good by the next", async () => {
    const { ports } = await world("");
    const workflows = { start: () => Promise.reject(new UnavailableError("away")) };
    const file = { ...FILE, key: "second.csv" };
    await expect(startImport({ ...ports, workflows }, file)).rejects.toThrow("away");
    const taskId = await startImport(ports, file);
    expect(ports.workflows.started.map(({ executionName }) => executionName)).toContain(taskId);
  });

  test("leaves out a folder's own entry", async () => {
    const { ports } = await world("");
    expect(await startImport(ports, { ...FILE, key: "fleet/" })).toBeUndefined();
    expect(ports.workflows.started).toHaveLength(1);
  });
});

describe("finding 10: a logger of whole seconds with several places in each", () => {
  const rows = (count: number) =>
    Array.from(
      { length: count },
      (_, index) => `${1_780_000_000 + Math.floor(index / 3)},${46 + index / 1e5},14.5`,
    );
  const textOf = (all: readonly string[]) => ["timestamp,latitude,longitude", ...all].join("\n");

  test("keeps them all, spread inside their seconds, wherever batches are cut, and says how many it moved", async () => {
    const text = textOf(rows(13_000));
    const { ports, run } = await world(text);
    const result = await run();
    expect(result).toMatchObject({ positionCount: 13_000, duplicateCount: 0, spreadCount: 8666 });
    const times: number[] = [];
    for (const { data } of await segmentsOf(ports.tracks, result.recordingId)) {
      const { timestampsMs, count } = decodeSegment(data, zstd);
      times.push(...timestampsMs.subarray(0, count));
    }
    const expected = rows(13_000).map(
      (_, index) =>
        (1_780_000_000 + Math.floor(index / 3)) * 1000 +
        // The last second has one row.
        [0, 333, 666][index % 3],
    );
    expect(times).toEqual(expected);
    expect((await run()).spreadCount).toBe(8666);
  });

  test("the same by either road, and no count where nothing was moved", async () => {
    const text = textOf([...rows(30), ...rows(30).slice(27)]);
    const { ports, run } = await world(text);
    const { recordingId } = await run();
    const file = await readRecording(recordingReader, [new TextEncoder().encode(text)], NOW_MS);
    const other = { ...ports, recordings: memoryRecordingStore(), tracks: memoryTrackStore() };
    const { recording } = await importRecording(other, file, "van-7.csv");
    expect(await ports.recordings.get(recordingId)).toEqual(recording);
    expect(recording).toMatchObject({ positionCount: 30, duplicateCount: 3, spreadCount: 22 });
    const plain = await world(csvOf([1, 2, 3]));
    expect(await plain.run()).not.toHaveProperty("spreadCount");
  });

  test("a file of one second alone needs no more memory than its batches", async () => {
    const batches: number[] = [];
    const same = Array.from({ length: 20_000 }, (_, index) => `1780000000,${46 + index / 1e5},14.5`);
    const chunks = [new TextEncoder().encode(textOf(same))];
    const { spreadCount } = await recordingReader.read(
      chunks,
      NOW_MS,
      ({ count }) => void batches.push(count),
    );
    expect(spreadCount).toBe(0);
    expect(Math.max(...batches)).toBeLessThanOrEqual(4096);
  });
});

describe("finding 10: rows of one time at different places, which can't be spread", () => {
  test.each([
    ["in order", ["1780000000.5,46,14", "1780000000.5,47,14", "1780000000.5,46,14", "1780000001,46,14"]],
    ["out of order", ["1780000001,46,14", "1780000000.5,46,14", "1780000000.5,47,14", "1780000000.5,46,14"]],
  ])("%s: the first stays, and the report counts the others", async (_, rows) => {
    const text = ["timestamp,latitude,longitude", ...rows].join("\n");
    const { ports, run } = await world(text);
    const result = await run();
    expect(result).toMatchObject({ positionCount: 2, duplicateCount: 2, conflictCount: 1 });
    const file = await readRecording(recordingReader, [new TextEncoder().encode(text)], NOW_MS);
    const other = { ...ports, recordings: memoryRecordingStore(), tracks: memoryTrackStore() };
    expect((await importRecording(other, file, "van-7.csv")).recording).toMatchObject({ conflictCount: 1 });
  });
});
