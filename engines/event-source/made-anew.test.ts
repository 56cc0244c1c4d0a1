import { describe, expect, it } from "vitest";
import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import { memoryCheckpointStore } from "./checkpoint-store.ts";
import { startEventSource } from "./event-source.ts";
import type { StreamReader } from "./stream-reader.ts";
import { numbersOf, record, STREAM_ARN, TRIGGER, virtualTime } from "./testing.ts";

/** One shard that numbers its records from 1; an iterator is the number to read on after. */
const streamOf = () => {
  const world = { createdAtMs: 1_000, records: [] as SourceRecord[] };
  const reader: StreamReader = {
    streamArn: STREAM_ARN,
    createdAtMs: async () => world.createdAtMs,
    listShards: async () => [{ shardId: "shardId-0", parentShardIds: [] }],
    openIterator: async (_, after = "0") => after,
    async getRecords(iterator, limit) {
      const records = world.records
        .filter(({ sequenceNumber }) => Number(sequenceNumber) > Number(iterator))
        .slice(0, limit);
      return { records, nextIterator: records.at(-1)?.sequenceNumber ?? iterator };
    },
  };
  return { world, reader };
};

const numbered = (from: number, to: number): SourceRecord[] =>
  Array.from({ length: to - from + 1 }, (_, index) => record(from + index));

const setUp = () => {
  const { world, reader } = streamOf();
  const checkpoints = memoryCheckpointStore();
  const taken: number[] = [];
  const start = () =>
    startEventSource({
      ...virtualTime(),
      functionName: "f",
      trigger: TRIGGER,
      reader,
      checkpoints,
      invoke: async (_, event) => {
        taken.push(...numbersOf(event));
      },
      onFailure: async () => {},
    });
  return { world, checkpoints, taken, start };
};

describe("finding 11: a stream made anew under its name", () => {
  it("is read from its first record by a poller that starts with the old stream's checkpoints", async () => {
    const { world, checkpoints, taken, start } = setUp();
    world.records = numbered(1, 20);
    const first = start();
    await expect.poll(() => taken.length, { interval: 1 }).toBe(20);
    await first.close();
    expect(await checkpoints.load()).toEqual(
      new Map([["shardId-0", { streamCreatedAtMs: 1_000, sequenceNumber: "20", finished: false }]]),
    );

    Object.assign(world, { createdAtMs: 2_000, records: numbered(1, 5) });
    const second = start();
    await expect.poll(() => taken.length, { interval: 1 }).toBe(25);
    await second.close();
    expect(taken.slice(20)).toEqual([1, 2, 3, 4, 5]);
  });

  it("is read from its first record by a poller that runs while it happens", async () => {
    const { world, taken, start } = setUp();
    world.records = numbered(1, 20);
    const source = start();
    await expect.poll(() => taken.length, { interval: 1 }).toBe(20);
    Object.assign(world, { createdAtMs: 2_000, records: numbered(1, 5) });
    await expect.poll(() => taken.length, { interval: 1 }).toBe(25);
    await source.close();
    expect(taken.slice(20)).toEqual([1, 2, 3, 4, 5]);
  });
});
