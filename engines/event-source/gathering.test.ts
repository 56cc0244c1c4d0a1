import { expect, test } from "vitest";
import { VirtualTime } from "../../test/virtual-time.ts";
import { memoryCheckpointStore } from "./checkpoint-store.ts";
import { consumePartition } from "./partition-consumer.ts";
import { delivery, textsOf } from "./testing.ts";
import { MemoryLog } from "./testing-log.ts";

interface Load {
  readonly devices: number;
  readonly positionsPerSecond: number;
  readonly seconds: number;
  /** What a call takes: so much, and more for each device in it. */
  readonly callMs: number;
  readonly deviceMs: number;
}

/** What the policy of gathering makes of a load, with calls that take as long as they do in `npm start`. */
const simulate = async ({ devices, positionsPerSecond, seconds, callMs, deviceMs }: Load) => {
  const time = new VirtualTime(0);
  const log = new MemoryLog(["p"], 1n);
  const latenciesMs: number[] = [];
  let [writes, busyMs] = [0, 0];
  const stopping = new AbortController();
  const { context } = delivery(async () => undefined, { parallelizationFactor: 2, batchSize: 500 });
  const consuming = consumePartition({
    ...context,
    partitionId: "p",
    clock: time.now,
    sleep: time.sleep,
    stopping: stopping.signal,
    async invoke(_, event) {
      // The text is the device and when the position was put.
      const positions = textsOf(event).map((text) => text.split(" "));
      const distinct = new Set(positions.map(([device]) => device)).size;
      const tookMs = callMs + deviceMs * distinct;
      writes += distinct;
      busyMs += tookMs;
      await time.sleep(tookMs);
      for (const [, putMs] of positions) latenciesMs.push(time.now() - Number(putMs));
    },
    reader: log.waitingReader(time.sleep),
    checkpoints: memoryCheckpointStore(),
    checkpoint: { streamCreatedAtMs: 1, finished: false },
    token: 1,
    streamGone: new AbortController().signal,
    pollMilliseconds: 1_000,
    onReadError: (_, error) => {
      throw error;
    },
    onFenced: () => {},
  });
  const count = positionsPerSecond * seconds;
  await time.run(
    (async () => {
      for (let number = 0; number < count; number++) {
        // Neither even nor in step with the calls.
        const untilNextMs = (2_000 * ((number * 0.618) % 1)) / positionsPerSecond;
        await time.sleep(Math.round(untilNextMs));
        const device = `device-${(number * 7) % devices}`;
        log.put("p", device, `${device} ${time.now()}`);
      }
      await time.sleep(5_000);
      stopping.abort();
      await consuming;
    })(),
  );
  expect(latenciesMs).toHaveLength(count);
  const sorted = latenciesMs.sort((one, other) => one - other);
  return {
    p50Ms: sorted[Math.floor(count * 0.5)],
    p99Ms: sorted[Math.floor(count * 0.99)],
    positionsPerWrite: count / writes,
    /** Of both lanes together. */
    busyShare: busyMs / (seconds * 1_000) / 2,
  };
};

test("50 positions a second are in the state after 30 ms, and nearly all after 100", async () => {
  const load = { devices: 50, positionsPerSecond: 50, seconds: 10, callMs: 8, deviceMs: 1 };
  const { p50Ms, p99Ms } = await simulate(load);
  expect(p50Ms).toBeLessThan(30);
  expect(p99Ms).toBeLessThan(100);
});

test("1,000 positions a second of 100 devices leave function and tables most of their time", async () => {
  const load = { devices: 100, positionsPerSecond: 1_000, seconds: 4, callMs: 8, deviceMs: 2 };
  const { p99Ms, positionsPerWrite, busyShare } = await simulate(load);
  expect(busyShare).toBeLessThan(0.3);
  expect(positionsPerWrite).toBeGreaterThan(3);
  expect(p99Ms).toBeLessThan(1_000);
});
