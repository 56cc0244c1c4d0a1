import { expect, test } from "vitest";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { zstd } from "../../adapters/zstd.ts";
import { averageSpeed } from "../motion/average-speed.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { encodeSegment } from "../segment/segment.ts";
import { deviceTrack } from "./track-store.ts";
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
