import { describe, expect, it } from "vitest";
import { MAXIMUM_EVENT_BYTES } from "../../hosts/lambda-events/kinesis-event.ts";
import { Lane, laneOf } from "./lane.ts";
import { record, virtualTime } from "./testing.ts";

const laneWith = (batchSize: number, maximumBatchingWindowSeconds: number) => {
  const time = virtualTime();
  const batches: { size: number; atMs: number }[] = [];
  const stopping = new AbortController();
  const lane = new Lane({
    ...time,
    limits: { batchSize, maximumBatchingWindowSeconds },
    stopping: stopping.signal,
    deliver: async (batch) => {
      batches.push({ size: batch.length, atMs: time.clock() - 1_000_000 });
    },
  });
  return { lane, batches, stopping, time };
};

describe("Lane", () => {
  it("makes full batches, and what is left when it ends", async () => {
    const { lane, batches } = laneWith(3, 3_600);
    for (let number = 0; number < 7; number++) lane.push(record(number));
    lane.end();
    await lane.run();
    expect(batches.map(({ size }) => size)).toEqual([3, 3, 1]);
  });

  it("waits for company no longer than the batching window", async () => {
    const { lane, batches, stopping } = laneWith(10, 5);
    const running = lane.run();
    lane.push(record(1));
    await expect.poll(() => batches).toEqual([{ size: 1, atMs: 5_000 }]);
    stopping.abort();
    await expect(running).rejects.toThrow();
  });

  it("never makes an event that is too large for Lambda", async () => {
    const { lane, batches } = laneWith(10_000, 0);
    const megabyte = { ...record(1), data: new Uint8Array(1024 * 1024) };
    for (let number = 0; number < 10; number++) lane.push(megabyte);
    lane.push({ ...record(2), data: new Uint8Array(MAXIMUM_EVENT_BYTES) });
    lane.end();
    await lane.run();
    expect(batches.map(({ size }) => size)).toEqual([4, 4, 2, 1]);
  });
});

describe("laneOf", () => {
  it("gives a key always the same lane, and spreads keys evenly", () => {
    for (const lanes of [2, 3, 8, 10]) {
      const counts = new Array<number>(lanes).fill(0);
      for (let device = 0; device < 1_000; device++) {
        const lane = laneOf(`device-${device}`, lanes);
        expect(laneOf(`device-${device}`, lanes)).toBe(lane);
        counts[lane]++;
      }
      expect(Math.min(...counts)).toBeGreaterThan(700 / lanes);
    }
  });
});
