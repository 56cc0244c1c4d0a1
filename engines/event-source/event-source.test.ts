import { setTimeout as wait } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from "@aws-sdk/client-kinesis";
import type { KinesisStreamEvent } from "aws-lambda";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createStream, createTable } from "../../infra/engine/resources.ts";
import { startKinesis } from "../../infra/local/kinesis/server.ts";
import { startDynamodb } from "../../infra/store/embedded/server.ts";
import type { Sleep } from "../../lib/core/clock.ts";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import { HostUnreachableError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { aloneInProcess } from "../lease/one-at-a-time.ts";
import type { RunningServer } from "../server/http-server.ts";
import { CHECKPOINT_TABLE, dynamodbCheckpointStore } from "./dynamodb-checkpoint-store.ts";
import { type EventSource, type EventSourceOptions, startEventSource } from "./event-source.ts";
import { kinesisStreamReader } from "./kinesis-stream-reader.ts";
import type { FailedBatch } from "./on-failure.ts";
import type { StreamReader } from "./stream-reader.ts";
import { failuresOf, TRIGGER } from "./testing.ts";

const access = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
const sleep: Sleep = async (milliseconds, signal) => {
  await wait(milliseconds, undefined, { signal });
};

let servers: RunningServer[];
let kinesis: KinesisClient;
let dynamodb: DynamoDBClient;
let streams = 0;
let streamName: string;
let sources: EventSource[];

beforeAll(async () => {
  servers = await Promise.all([startKinesis(), startDynamodb()]);
  kinesis = new KinesisClient({ ...access, endpoint: servers[0].endpoint });
  dynamodb = new DynamoDBClient({ ...access, endpoint: servers[1].endpoint });
  await createTable(dynamodb, "checkpoints", CHECKPOINT_TABLE);
});
beforeEach(async () => {
  sources = [];
  streamName = `s${streams++}`;
  await createStream(kinesis, streamName, { shards: 2 });
});
afterEach(() => Promise.all(sources.map((source) => source.close())));
afterAll(async () => {
  kinesis.destroy();
  dynamodb.destroy();
  await Promise.all(servers.map((server) => server.close()));
});

/** Puts `count` records of each key, numbered from `from`, in turn. */
const put = async (keys: readonly string[], count: number, from = 0): Promise<void> => {
  const records = Array.from({ length: count }, (_, index) =>
    keys.map((key) => ({ PartitionKey: key, Data: Buffer.from(`${key} ${from + index}`) })),
  ).flat();
  for (let start = 0; start < records.length; start += 500) {
    await kinesis.send(
      new PutRecordsCommand({ StreamName: streamName, Records: records.slice(start, start + 500) }),
    );
  }
};
const expected = (keys: readonly string[], count: number, from = 0): Record<string, number[]> =>
  Object.fromEntries(keys.map((key) => [key, Array.from({ length: count }, (_, index) => from + index)]));

interface Delivered {
  readonly sequenceNumber: string;
  readonly key: string;
  readonly number: number;
}
const deliveredOf = (event: unknown): Delivered[] =>
  (event as KinesisStreamEvent).Records.map(({ kinesis: { data, sequenceNumber } }) => {
    const [key, number] = Buffer.from(data, "base64").toString().split(" ");
    return { sequenceNumber, key, number: Number(number) };
  });

/** A function that remembers what it took, by key; a record that `fails` is not taken. */
const taker = (fails: (record: Delivered) => boolean = () => false) => {
  const taken: Record<string, number[]> = {};
  const calls: Delivered[][] = [];
  const invoke: Invoke = async (_name, event) => {
    const records = deliveredOf(event);
    calls.push(records);
    for (const each of records) {
      if (fails(each)) return failuresOf(each.sequenceNumber);
      taken[each.key] ??= [];
      taken[each.key].push(each.number);
    }
    return { batchItemFailures: [] };
  };
  const total = () => Object.values(taken).reduce((sum, { length }) => sum + length, 0);
  return { taken, calls, invoke, total };
};

const start = (
  invoke: Invoke,
  trigger: Partial<StreamTrigger> = {},
  more: Partial<EventSourceOptions> = {},
): { source: EventSource; failed: FailedBatch[] } => {
  const streamArn = `arn:aws:kinesis:us-east-1:000000000000:stream/${streamName}`;
  const failed: FailedBatch[] = [];
  const source = startEventSource({
    functionName: "f",
    trigger: { ...TRIGGER, ...trigger },
    reader: kinesisStreamReader(kinesis, { streamName, streamArn }),
    checkpoints: dynamodbCheckpointStore(dynamodb, {
      tableName: "checkpoints",
      functionName: "f",
      streamArn,
    }),
    sharing: aloneInProcess(),
    invoke,
    onFailure: async (batch) => {
      failed.push(batch);
    },
    clock: Date.now,
    sleep,
    pollMilliseconds: 20,
    discoveryMilliseconds: 100,
    ...more,
  });
  sources.push(source);
  return { source, failed };
};

const WAIT = { maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.1 };
const soon = { timeout: 10_000, interval: 10 };
const KEYS = Array.from({ length: 20 }, (_, index) => `device-${index}`);

describe("event source on kinesalite and dynalite", () => {
  it("delivers everything in order per key, also what was there before it", async () => {
    await put(KEYS, 50);
    const { invoke, taken, total } = taker();
    start(invoke);
    await expect.poll(total, soon).toBe(1_000);
    await put(KEYS, 50, 50);
    await expect.poll(total, soon).toBe(2_000);
    expect(taken).toEqual(expected(KEYS, 100));
  });

  it("keeps the order per key on parallel lanes, which do overlap", async () => {
    await put(KEYS, 100);
    const { invoke, taken, total } = taker();
    let running = 0;
    let most = 0;
    start(
      async (...call) => {
        most = Math.max(most, ++running);
        await wait(Math.random() * 5);
        running--;
        return invoke(...call);
      },
      { parallelizationFactor: 4, batchSize: 10 },
    );
    await expect.poll(total, soon).toBe(2_000);
    expect(taken).toEqual(expected(KEYS, 100));
    expect(most).toBeGreaterThan(2);
  });

  it("gives a poison record up whole, in few calls, and goes on with the shard", async () => {
    await put(["a"], 100);
    const { invoke, taken, calls } = taker(({ number }) => number === 41);
    const { failed } = start(invoke, { bisectBatchOnFunctionError: true, maximumRetryAttempts: 2 });
    const rest = expected(["a"], 100).a.filter((number) => number !== 41);
    await expect.poll(() => taken.a, soon).toEqual(rest);
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ condition: "RetryAttemptsExhausted", approximateInvokeCount: 3 });
    expect(Buffer.from(failed[0].records[0].data).toString()).toBe("a 41");
    expect(calls.length).toBeLessThanOrEqual(6);
  });

  it("begins with the children of a split shard, and of merged ones, only when the parents are finished", async () => {
    await put(KEYS, 20);
    const { invoke, taken, total } = taker();
    let isAway = true;
    start(async (...call) => {
      if (isAway) throw new HostUnreachableError("away");
      return invoke(...call);
    });
    const active = () => waitUntilStreamExists({ client: kinesis, ...WAIT }, { StreamName: streamName });
    await kinesis.send(
      new SplitShardCommand({
        StreamName: streamName,
        ShardToSplit: "shardId-000000000000",
        NewStartingHashKey: String(2n ** 126n),
      }),
    );
    await expect.poll(async () => (await listShards()).length, soon).toBe(4);
    await active();
    await put(KEYS, 20, 20);
    await kinesis.send(
      new MergeShardsCommand({
        StreamName: streamName,
        ShardToMerge: "shardId-000000000003",
        AdjacentShardToMerge: "shardId-000000000001",
      }),
    );
    await expect.poll(async () => (await listShards()).length, soon).toBe(5);
    await active();
    await put(KEYS, 20, 40);
    isAway = false;
    await expect.poll(total, soon).toBe(20 * 60);
    expect(taken).toEqual(expected(KEYS, 60));
  });

  it("goes on from its checkpoint after a crash: at least once, nothing lost, finished work not done again", async () => {
    await put(KEYS, 50);
    const first = taker();
    const { source } = start(first.invoke, { batchSize: 30, parallelizationFactor: 2 });
    await expect.poll(first.total, soon).toBe(1_000);
    await source.close();

    // A call that never ends: its records are cut off in the middle of their delivery.
    await put(KEYS, 50, 50);
    const second = taker();
    const crashing = start(async (name, event, signal) => {
      if (second.total() > 300) await new Promise((_, reject) => signal?.addEventListener("abort", reject));
      return second.invoke(name, event);
    });
    await expect.poll(second.total, soon).toBeGreaterThan(300);
    await crashing.source.close(0);

    const third = taker();
    start(third.invoke);
    const union = (key: string): number[] => [...(second.taken[key] ?? []), ...(third.taken[key] ?? [])];
    await expect.poll(() => KEYS.every((key) => union(key).includes(99)), soon).toBe(true);
    for (const key of KEYS) {
      const later = third.taken[key] ?? [];
      expect(later).toEqual([...later].sort((a, b) => a - b));
      expect(union(key)[0]).toBe(50);
      expect([...new Set(union(key))].sort((a, b) => a - b)).toEqual(expected(["k"], 50, 50).k);
    }
  });

  it("outlasts throttling and a stream that is away", async () => {
    await put(KEYS, 50);
    const streamArn = `arn:aws:kinesis:us-east-1:000000000000:stream/${streamName}`;
    const reader = kinesisStreamReader(kinesis, { streamName, streamArn });
    let reads = 0;
    const unreliable: StreamReader = {
      ...reader,
      listPartitions: async () => {
        if (reads++ === 0) throw Object.assign(new Error("slow down"), { name: "LimitExceededException" });
        return reader.listPartitions();
      },
      read: async (partitionId, place, limit) => {
        if (reads++ % 3 === 0) {
          throw Object.assign(new Error("slow down"), { name: "ProvisionedThroughputExceededException" });
        }
        return reader.read(partitionId, place, Math.min(limit, 100));
      },
    };
    const { invoke, taken, total } = taker();
    const errors: string[] = [];
    start(invoke, {}, { reader: unreliable, onError: (message) => errors.push(message) });
    await expect.poll(total, soon).toBe(1_000);
    expect(taken).toEqual(expected(KEYS, 50));
    expect(errors).toContain("looking for partitions failed");
    expect(errors).toContain("reading shardId-000000000000 failed");
  });

  it("closes while a function hangs, by cutting the call", async () => {
    await put(["a"], 1);
    let called = false;
    let isCut = false;
    const { source } = start((_name, _event, signal) => {
      called = true;
      return new Promise((_, reject) =>
        signal?.addEventListener("abort", () => {
          isCut = true;
          reject(signal.reason);
        }),
      );
    });
    await expect.poll(() => called, soon).toBe(true);
    await source.close(100);
    expect(isCut).toBe(true);
  });
});

const listShards = async () => {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: streamName }));
  return Shards;
};
