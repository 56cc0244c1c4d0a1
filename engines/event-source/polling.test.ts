import { describe, expect, test } from "vitest";
import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import { memoryCheckpointStore } from "./checkpoint-store.ts";
import { consumePartition } from "./partition-consumer.ts";
import type { StreamReader } from "./stream-reader.ts";
import { delivery, record, STREAM_ARN } from "./testing.ts";

const BATCH = 100;

/** A partition to which `arriving` gives what has come until each poll; ends after the last. */
const pollPartition = async (arriving: readonly number[]) => {
  const { context, clock, calls } = delivery(async () => ({ batchItemFailures: [] }), { batchSize: BATCH });
  const startMs = clock();
  const polledAtMs: number[] = [];
  let number = 0;
  let poll = 0;
  const reader: StreamReader = {
    streamArn: STREAM_ARN,
    createdAtMs: async () => 1,
    listPartitions: async () => [],
    read: async () => {
      polledAtMs.push(clock() - startMs);
      const records: SourceRecord[] = Array.from({ length: arriving[poll] ?? 0 }, () => record(number++));
      return { records, isClosed: ++poll === arriving.length };
    },
  };
  await consumePartition({
    ...context,
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
  return { polledAtMs, batches: calls.map((numbers) => numbers.length) };
};

describe("finding 23: a partition is asked once a second, so that batches gather without a window", () => {
  test("whether or not something had come", async () => {
    const { polledAtMs, batches } = await pollPartition([3, 0, 50, 7]);
    expect(polledAtMs).toEqual([0, 1_000, 2_000, 3_000]);
    expect(batches).toEqual([3, 50, 7]);
  });

  test("and at once again while it has full batches", async () => {
    const { polledAtMs, batches } = await pollPartition([BATCH, BATCH, 5, 1]);
    expect(polledAtMs).toEqual([0, 0, 0, 1_000]);
    expect(batches.reduce((sum, length) => sum + length)).toBe(2 * BATCH + 6);
  });
});

describe("reading ahead of a function that is slow or away", () => {
  test("is bounded in bytes, too", async () => {
    const [recordBytes, pages] = [1024 * 1024, 8];
    let [read, settled, most] = [0, 0, 0];
    const { context } = delivery(
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return { batchItemFailures: [] };
      },
      { batchSize: 500 },
    );
    const reader: StreamReader = {
      streamArn: STREAM_ARN,
      createdAtMs: async () => 1,
      listPartitions: async () => [],
      read: async () => {
        const records = Array.from({ length: 10 }, () => ({
          ...record(read++),
          data: new Uint8Array(recordBytes),
        }));
        most = Math.max(most, read - settled);
        return { records, isClosed: read === pages * 10 };
      },
    };
    await consumePartition({
      ...context,
      invoke: async (functionName, event, signal) => {
        const answer = await context.invoke(functionName, event, signal);
        settled += (event as { readonly Records: readonly unknown[] }).Records.length;
        return answer;
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
    expect(settled).toBe(pages * 10);
    // One event of 6 MB, and the page that was asked for before there was one.
    expect(most).toBeLessThanOrEqual(16);
  });
});
