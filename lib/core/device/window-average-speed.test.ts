import { expect, test } from "vitest";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { zstd } from "../../adapters/zstd.ts";
import { NOTHING_DETECTED } from "../detectors/detectors.ts";
import { averageSpeed } from "../motion/average-speed.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { encodeSegment } from "../segment/segment.ts";
import { deviceTrack } from "../track/track-store.ts";
import { trailingWindow, windowAverageSpeed } from "./window-average-speed.ts";

const COUNT = 110_000;
const PER_SEGMENT = 1000;

/** 10 Hz for three hours, at a speed that rises and falls. */
const drive = (): PositionBuffer => {
  const positions = new PositionBuffer(COUNT);
  for (let index = 0; index < COUNT; index++) {
    const speedMetersPerSecond = 10 + 5 * Math.sin(index / 700);
    positions.push({ timestampMs: 1e12 + index * 100, latitude: 48, longitude: 11, speedMetersPerSecond });
  }
  return positions;
};

test("what is read page by page gives the average of the whole", async () => {
  const all = drive();
  const tracks = memoryTrackStore();
  const tailFrom = COUNT - 50;
  for (let from = 0; from < tailFrom; from += PER_SEGMENT) {
    const to = Math.min(from + PER_SEGMENT, tailFrom);
    await tracks.put(deviceTrack("car-1"), [
      {
        kind: "sealed",
        firstTimestampMs: all.timestampsMs[from],
        lastTimestampMs: all.timestampsMs[to - 1],
        positionCount: to - from,
        data: encodeSegment(all, from, to),
      },
    ]);
  }
  const tail = new PositionBuffer();
  tail.append(all, tailFrom);
  const state = {
    deviceId: "car-1",
    version: 1,
    lastHeardMs: 0,
    positionCount: COUNT,
    latePositionCount: 0,
    conflictCount: 0,
    sealedUntilMs: all.timestampsMs[tailFrom - 1],
    sealedDistance: { meters: 0 },
    sealedDetections: NOTHING_DETECTED,
    odometerMeters: 0,
    odometerComplete: true,
    tail,
  };
  for (const windowSeconds of [4, 6, 600, 10_800]) {
    const window = trailingWindow(state, windowSeconds);
    expect(window.toMs - window.fromMs).toBe(windowSeconds * 1000);
    expect(await windowAverageSpeed({ tracks, compression: zstd }, state, window)).toEqual(
      averageSpeed(all, window.fromMs, window.toMs),
    );
  }
});

test("finding 12: an average that a damaged segment is missing from says so", async () => {
  const all = drive();
  const tracks = memoryTrackStore();
  const segment = (from: number, to: number) => ({
    kind: "sealed" as const,
    firstTimestampMs: all.timestampsMs[from],
    lastTimestampMs: all.timestampsMs[to - 1],
    positionCount: to - from,
    data: encodeSegment(all, from, to),
  });
  const rotten = segment(300, 600);
  rotten.data[50] ^= 1;
  await tracks.put(deviceTrack("car-1"), [segment(0, 300), rotten, segment(600, 900)]);
  const tail = new PositionBuffer();
  tail.append(all, 900, 910);
  const state = {
    deviceId: "car-1",
    version: 1,
    lastHeardMs: 0,
    positionCount: 910,
    latePositionCount: 0,
    conflictCount: 0,
    sealedUntilMs: all.timestampsMs[899],
    sealedDistance: { meters: 0 },
    sealedDetections: NOTHING_DETECTED,
    odometerMeters: 0,
    odometerComplete: true,
    tail,
  };
  const whole = trailingWindow(state, 90);
  const speed = await windowAverageSpeed({ tracks, compression: zstd }, state, whole);
  expect(speed).toMatchObject({ damaged: true, positionCount: 601 });
  expect(speed.coverage).toBeLessThan(0.7);
  const short = await windowAverageSpeed({ tracks, compression: zstd }, state, trailingWindow(state, 0.5));
  expect(short).not.toHaveProperty("damaged");
});
