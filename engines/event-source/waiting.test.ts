import { describe, expect, test } from "vitest";
import { VirtualTime } from "../../test/virtual-time.ts";
import { memoryCheckpointStore } from "./checkpoint-store.ts";
import { consumePartition } from "./partition-consumer.ts";
import { delivery, textsOf } from "./testing.ts";
import { MemoryLog } from "./testing-log.ts";

const CALL_MS = 100;

/** Consumes a partition, to which records are put at the given moments, with calls of 100 ms. */
const consume = async (putAtMs: readonly number[], parallelizationFactor: number, keys = ["key"]) => {
  const time = new VirtualTime(0);
  const log = new MemoryLog(["p"], 1n);
  const calls: { atMs: number; texts: string[] }[] = [];
  let reads = 0;
  const { context } = delivery(async () => undefined, { parallelizationFactor });
  const stopping = new AbortController();
  const reader = log.waitingReader(time.sleep, async () => {
    reads++;
  });
  const consuming = consumePartition({
    ...context,
    partitionId: "p",
    clock: time.now,
    sleep: time.sleep,
    stopping: stopping.signal,
    invoke: async (_, event) => {
      calls.push({ atMs: time.now(), texts: textsOf(event) });
      await time.sleep(CALL_MS);
    },
    reader,
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
  await time.run(
    (async () => {
      for (const [index, atMs] of putAtMs.entries()) {
        await time.sleep(atMs - time.now());
        log.put("p", keys[index % keys.length], `${atMs}`);
      }
      await time.sleep(5_000);
      stopping.abort();
      await consuming;
    })(),
  );
  return { calls, reads };
};

describe("a partition whose reader is told of what comes", () => {
  test("delivers at once what comes alone, and what follows when it has gathered three times as long as the call took", async () => {
    const { calls } = await consume([1_000, 1_007, 30_000], 1);
    expect(calls.map(({ atMs }) => atMs)).toEqual([1_000, 1_400, 30_000]);
  });

  test("gathers while the function is busy and a while longer, and reads no more often than it calls", async () => {
    const every10Ms = Array.from({ length: 100 }, (_, index) => (index === 0 ? 1_000 : 995 + index * 10));
    const { calls, reads } = await consume(every10Ms, 1);
    expect(calls.flatMap(({ texts }) => texts)).toEqual(every10Ms.map(String));
    expect(calls.map(({ texts }) => texts.length)).toEqual([1, 40, 40, 19]);
    // The log in memory is also read to find out whether it must wait.
    expect(reads).toBeLessThan(4 * calls.length);
  });

  test("gathers no longer where batches are full", async () => {
    const { calls } = await consume(new Array(500).fill(1_000), 1);
    const full = calls.filter(({ texts }) => texts.length === 100).map(({ atMs }) => atMs);
    expect(full.length).toBeGreaterThanOrEqual(4);
    expect(full).toEqual(full.map((_, index) => full[0] + index * CALL_MS));
  });

  test("does not ask while nothing comes", async () => {
    const { reads } = await consume([60_000], 1);
    expect(reads).toBeLessThan(20);
  });
});
