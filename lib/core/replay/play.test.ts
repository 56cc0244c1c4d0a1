import { describe, expect, test } from "vitest";
import { THOROUGH } from "../../../test/property-runs.ts";
import { RECORDED_MS, ReplaySimulation, replayOf, START_MS } from "../../../test/replay-simulation.ts";
import type { ReplayChange } from "./change-replay.ts";
import { RecordingGoneError } from "./source-cursor.ts";

/** When the player, which is up at once, has the first position due. */
const FIRST_DUE_MS = START_MS + 100;
/** A drive with the jitter of real ones. */
const DRIVE = [0, 1_000, 2_004, 2_990, 5_000, 6_001, 7_000, 8_500, 9_000, 10_000];

const play = async (
  offsetsMs: readonly number[],
  overrides: Parameters<typeof replayOf>[1] = {},
  changes: readonly (readonly [afterMs: number, change: ReplayChange])[] = [],
) => {
  const simulation = new ReplaySimulation();
  await simulation.record("recording", offsetsMs);
  await simulation.time.run(
    Promise.all([
      simulation.create(replayOf(offsetsMs, overrides)),
      ...changes.map(([afterMs, change]) => simulation.patch("replay", afterMs, change)),
    ]),
  );
  return { simulation, replay: await simulation.read("replay") };
};

const clock = (rate: number) => ({ anchorOffsetMs: 0, anchorWallMs: START_MS, rate, paused: false });

describe("a replay that nobody touches", () => {
  test("sends each position when it is due, with its jitter, and finishes with the last", async () => {
    const { simulation, replay } = await play(DRIVE);
    expect(simulation.sent).toEqual(
      DRIVE.map((offsetMs, index) => ({
        deviceId: "car",
        timestampMs: FIRST_DUE_MS + offsetMs,
        index,
        sentMs: FIRST_DUE_MS + offsetMs,
      })),
    );
    expect(replay).toMatchObject({ status: "finished", positionsPublished: 10, nextOffsetMs: 10_000 });
    expect(replay?.plan).toBeUndefined();
    expect(simulation.time.now()).toBe(FIRST_DUE_MS + 10_000);
  });

  test.each([0.01, 0.5, 7, 100])("keeps the schedule at %dx to the millisecond", async (rate) => {
    const { simulation } = await play(DRIVE, { clock: clock(rate) });
    const due = DRIVE.map((offsetMs) => Math.round(FIRST_DUE_MS + offsetMs / rate));
    expect(simulation.sent.map(({ sentMs }) => sentMs)).toEqual(due);
    expect(simulation.sent.map(({ timestampMs }) => timestampMs)).toEqual(due);
  });

  test("does not drift: hours at 1 Hz, in chunks and across handovers, end to the millisecond", async () => {
    const [seconds, handoverChunks] = THOROUGH ? [86_400, 100] : [7_200, 8];
    const offsetsMs = Array.from({ length: seconds + 1 }, (_, index) => index * 1_000);
    const simulation = new ReplaySimulation({ limits: { chunkSeconds: 240, handoverChunks } });
    await simulation.record("recording", offsetsMs);
    await simulation.time.run(simulation.create(replayOf(offsetsMs)));
    expect(simulation.sent).toHaveLength(seconds + 1);
    expect(simulation.sent.every(({ index, sentMs }) => sentMs === FIRST_DUE_MS + index * 1_000)).toBe(true);
    expect([...simulation.started]).toEqual(["replay-1", "replay-2", "replay-3", "replay-4"]);
  });

  test("keeps the recorded timestamps when they are wanted", async () => {
    const { simulation } = await play(DRIVE, {
      clock: clock(10),
      options: { loop: false, timestamps: "original" },
    });
    expect(simulation.sent).toEqual(
      DRIVE.map((offsetMs, index) => ({
        deviceId: "car",
        timestampMs: RECORDED_MS + offsetMs,
        index,
        sentMs: Math.round(FIRST_DUE_MS + offsetMs / 10),
      })),
    );
  });

  test("plays only the part between start and end", async () => {
    const { simulation, replay } = await play(DRIVE, {
      timeline: { startMs: 2_000, endMs: 7_000, durationMs: 10_000, periodMs: 6_000 },
    });
    expect(simulation.sent.map(({ index }) => index)).toEqual([2, 3, 4, 5, 6]);
    expect(simulation.sent[0].sentMs).toBe(FIRST_DUE_MS + 4);
    expect(replay).toMatchObject({ status: "finished", nextOffsetMs: 5_000 });
  });

  test("finishes at once when that part has no position, looped or not", async () => {
    for (const loop of [false, true]) {
      const { simulation, replay } = await play(DRIVE, {
        options: { loop, timestamps: "now" },
        timeline: { startMs: 3_000, endMs: 4_900, durationMs: 10_000, periodMs: 2_900 },
      });
      expect(simulation.sent).toEqual([]);
      expect(replay?.status).toBe("finished");
    }
  });

  test("says so when the recording is deleted while it plays, and is not retried for ever", async () => {
    const offsetsMs = Array.from({ length: 5_000 }, (_, index) => index * 1_000);
    const simulation = new ReplaySimulation();
    await simulation.record("recording", offsetsMs);
    const player = simulation.create(replayOf(offsetsMs));
    const deletion = simulation.time.sleep(10_000).then(() => simulation.removeTrack("recording"));
    const playing = simulation.time.run(Promise.all([player, deletion, simulation.failed]));
    await expect(playing).rejects.toThrow(RecordingGoneError);
    // The next chunk reads again, where the last one ended.
    await expect(playing).rejects.toThrow("no positions after 2019-12-24T20:25:28.000Z any more");
  });
});

describe("a loop", () => {
  test("leaves a usual interval between the last position and the first, and counts on", async () => {
    const { simulation, replay } = await play(
      DRIVE,
      { options: { loop: true, timestamps: "now" }, clock: clock(10) },
      [[3_400, { paused: true }]],
    );
    const { sent } = simulation;
    expect(sent.map(({ index }) => index).slice(0, 25)).toEqual(
      Array.from({ length: 25 }, (_, index) => index % 10),
    );
    expect(sent[10].sentMs - sent[9].sentMs).toBe(100);
    expect(sent.every(({ sentMs, timestampMs }) => sentMs === timestampMs)).toBe(true);
    expect(replay?.status).toBe("paused");
    expect(replay?.nextOffsetMs).toBeGreaterThan(33_000);
  });
});

describe("several devices", () => {
  test("copies get the same positions in the same publish call", async () => {
    const base = replayOf(DRIVE);
    const { simulation, replay } = await play(DRIVE, { sources: [{ ...base.sources[0], copies: 3 }] });
    expect(simulation.sent).toHaveLength(30);
    expect(simulation.publishes).toHaveLength(10);
    expect(simulation.sent.slice(0, 3).map(({ deviceId }) => deviceId)).toEqual(["car-1", "car-2", "car-3"]);
    expect(replay?.positionsPublished).toBe(30);
  });

  test("recordings play side by side on one clock, each from its own first position", async () => {
    const van = [0, 300, 600];
    const simulation = new ReplaySimulation();
    await simulation.record("recording", DRIVE);
    await simulation.record("van", van);
    const base = replayOf(DRIVE);
    const source = {
      ...base.sources[0],
      recordingId: "van",
      deviceId: "van",
      lastTimestampMs: RECORDED_MS + 600,
    };
    await simulation.time.run(
      simulation.create({ ...base, sources: [base.sources[0], source], lastTimestampsMs: [0, 0] }),
    );
    const of = (id: string) => simulation.sent.filter(({ deviceId }) => deviceId === id);
    expect(of("car").map(({ sentMs }) => sentMs - FIRST_DUE_MS)).toEqual(DRIVE);
    expect(of("van").map(({ sentMs }) => sentMs - FIRST_DUE_MS)).toEqual(van);
  });
});

describe("10,000x", () => {
  const dense = Array.from({ length: 20_000 }, (_, index) => index * 100);

  test("with timestamps of now sends a position per millisecond and device, and recorded time goes slower", async () => {
    const { simulation, replay } = await play(dense, { clock: clock(10_000) });
    expect(simulation.sent.map(({ index }) => index)).toEqual(dense.map((_, index) => index));
    expect(simulation.sent.map(({ timestampMs }) => timestampMs)).toEqual(
      dense.map((_, index) => FIRST_DUE_MS + index),
    );
    expect(replay).toMatchObject({ status: "finished", positionsPublished: 20_000 });
  });

  test("a sparse recording keeps up with a dense one beside it, and its timestamps with the time", async () => {
    const simulation = new ReplaySimulation();
    const sparse = Array.from({ length: 200 }, (_, index) => index * 10_000);
    await simulation.record("recording", dense);
    await simulation.record("sparse", sparse);
    const base = replayOf(dense, { clock: clock(10_000) });
    const beside = {
      ...base.sources[0],
      recordingId: "sparse",
      deviceId: "van",
      lastTimestampMs: RECORDED_MS + 1_990_000,
    };
    await simulation.time.run(
      simulation.create({ ...base, sources: [...base.sources, beside], lastTimestampsMs: [0, 0] }),
    );
    const van = simulation.sent.filter(({ deviceId }) => deviceId === "van");
    expect(van.map(({ index }) => index)).toEqual(sparse.map((_, index) => index));
    // Position i of the sparse one lies beside position 100 i of the dense one, which is due 100 i ms after
    // the start.
    for (const { index, sentMs, timestampMs } of van) {
      expect(sentMs).toBe(timestampMs);
      expect(Math.abs(sentMs - FIRST_DUE_MS - 100 * index)).toBeLessThanOrEqual(1_000);
    }
  });

  test("with original timestamps sends all of it, in plans and records of bounded size", async () => {
    const { simulation, replay } = await play(dense, {
      clock: clock(10_000),
      options: { loop: false, timestamps: "original" },
    });
    expect(simulation.sent.map(({ timestampMs }) => timestampMs)).toEqual(
      dense.map((offsetMs) => RECORDED_MS + offsetMs),
    );
    expect(Math.max(...simulation.publishes.map(({ largestRecord }) => largestRecord))).toBeLessThanOrEqual(
      1_000,
    );
    // Four plans of 5,000, each saved before it is sent, and the end.
    expect(replay?.version).toBe(6);
    expect(simulation.time.now() - FIRST_DUE_MS).toBeLessThanOrEqual(200);
  });

  test("a pause takes effect within a second, whatever the rate asks for", async () => {
    const { simulation, replay } = await play(dense, { clock: clock(10_000) }, [[2_500, { paused: true }]]);
    expect(replay?.status).toBe("paused");
    expect(simulation.time.now() - START_MS).toBeLessThanOrEqual(3_600);
    expect(simulation.sent.length).toBeLessThanOrEqual(3_600);
    expect(simulation.sent).toHaveLength((replay?.nextOffsetMs ?? 0) / 100);
  });
});

describe("a change while it plays", () => {
  test("of the rate keeps recorded time continuous and shows within a second", async () => {
    const { simulation } = await play(DRIVE, {}, [[2_500, { rate: 10 }]]);
    const gaps = simulation.sent.slice(1).map(({ sentMs }, index) => sentMs - simulation.sent[index].sentMs);
    expect(simulation.sent.map(({ index }) => index)).toEqual(DRIVE.map((_, index) => index));
    expect(gaps.slice(0, 2)).toEqual([1_000, 1_004]);
    // The plan before reaches a second ahead at most; what follows is ten times as fast.
    expect(gaps.slice(5)).toEqual([100, 150, 50, 100]);
  });

  test("a pause ends the execution, and resuming starts another one from where it stood", async () => {
    const { simulation } = await play(DRIVE, {}, [
      [4_000, { paused: true }],
      [60_000, { paused: false }],
    ]);
    expect(simulation.sent.map(({ index }) => index)).toEqual(DRIVE.map((_, index) => index));
    expect([...simulation.started]).toEqual(["replay-1", "replay-2"]);
    const shift = simulation.sent[9].sentMs - (FIRST_DUE_MS + 10_000);
    expect(shift).toBeGreaterThan(55_000);
    expect(simulation.sent[5].sentMs - simulation.sent[4].sentMs).toBe(1_001);
  });

  test("a seek goes forward and back, and a finished replay plays again after one", async () => {
    const { simulation } = await play(DRIVE, {}, [
      [1_200, { seekSeconds: 9 }],
      [20_000, { seekSeconds: 7 }],
    ]);
    expect(simulation.sent.map(({ index }) => index)).toEqual([0, 1, 2, 8, 9, 6, 7, 8, 9]);
  });

  test("two at once are both made", async () => {
    const { replay } = await play(DRIVE, {}, [
      [1_500, { rate: 2 }],
      [1_500, { seekSeconds: 5 }],
    ]);
    expect(replay?.clock.rate).toBe(2);
    expect(replay?.status).toBe("finished");
  });

  test("deleting it stops the player within a second", async () => {
    const simulation = new ReplaySimulation();
    await simulation.record("recording", DRIVE);
    const deletion = simulation.time.sleep(2_500).then(() => simulation.replays.remove("replay"));
    await simulation.time.run(Promise.all([simulation.create(replayOf(DRIVE)), deletion]));
    expect(simulation.time.now() - START_MS).toBeLessThanOrEqual(3_600);
    expect(simulation.sent.length).toBeLessThanOrEqual(4);
  });
});

describe("finding 12: a recording with a damaged segment", () => {
  const LONG = Array.from({ length: 21 }, (_, index) => index * 1_000);

  test.each([
    ["in the middle", 7_000, [0, 1, 2, 3, 4, 5, 6, 14, 15, 16, 17, 18, 19, 20]],
    ["at the end", 20_000, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]],
    ["at the beginning", 0, [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]],
  ])("%s is played without it, and finishes", async (_, offsetMs, expected) => {
    const simulation = new ReplaySimulation();
    await simulation.record("recording", LONG);
    await simulation.damage("recording", offsetMs);
    await simulation.time.run(simulation.create(replayOf(LONG)));
    expect(simulation.sent.map(({ index }) => index)).toEqual(expected);
    expect(simulation.sent.every(({ index, sentMs }) => sentMs === FIRST_DUE_MS + index * 1_000)).toBe(true);
    expect(await simulation.read("replay")).toMatchObject({ status: "finished" });
  });
});
