import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FailedBatch } from "../../engines/event-source/on-failure.ts";
import { keepInJetStream } from "../../infra/engine/keep-failed-batch.ts";
import { type JetStreamConnection, openJetStream } from "../../lib/adapters/jetstream/connection.ts";
import {
  failedStreamName,
  jetStreamFailedBatches,
  jetStreamFailedObjects,
} from "../../lib/adapters/jetstream/failed-batches.ts";
import { jetStreamPositionStream } from "../../lib/adapters/jetstream/position-stream.ts";
import { openPositionsStream } from "../../lib/adapters/jetstream/positions-stream.ts";
import { TooLargeError } from "../../lib/core/errors.ts";
import { redrive } from "../../lib/core/redrive/redrive.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { failedBatchesContract } from "../contracts/failed-batches.contract.ts";
import { type NatsServer, startNatsServer, WITHOUT_NATS } from "../nats-server.ts";
import { unless } from "../unless.ts";
import { readJetStream } from "./read-jetstream.ts";

const PREFIX = "aws/lambda/";
const ARRIVED_MS = Date.parse("2026-11-20T12:00:06.021Z");
const LARGEST = 1024 * 1024 - 16;

describe("batches that were given up, in JetStream", unless(WITHOUT_NATS), () => {
  let server: NatsServer;
  const connections: JetStreamConnection[] = [];
  let streams = 0;
  const open = (address: string): JetStreamConnection => {
    const connection = openJetStream(address);
    connections.push(connection);
    return connection;
  };
  const openNew = () => open(server.address(`positions-${++streams}`));

  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await server?.close();
  });

  const keysOf = async (jetstream: JetStreamConnection): Promise<string[]> => {
    const keys: string[] = [];
    for await (const key of jetStreamFailedBatches(jetstream, PREFIX).keys()) keys.push(key);
    return keys;
  };

  const batchOf = (...sizes: readonly (readonly [number: number, bytes: number])[]): FailedBatch => ({
    functionName: "track-devices",
    streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/positions",
    partitionId: "partition-2",
    condition: "RetryAttemptsExhausted",
    reason: "TypeError: bug",
    approximateInvokeCount: 3,
    records: sizes.map(([number, bytes]) => ({
      sequenceNumber: String(number),
      partitionKey: `device-${number % 3}`,
      data: new Uint8Array(bytes).fill(number),
      arrivedAtMs: ARRIVED_MS,
    })),
  });

  failedBatchesContract("jetStreamFailedBatches", async () => {
    const jetstream = openNew();
    const { put } = jetStreamFailedObjects(jetstream);
    const name = failedStreamName(jetstream.streamName);
    return {
      batches: jetStreamFailedBatches(jetstream, PREFIX),
      put,
      async all() {
        const { manager } = await jetstream.connected();
        const { state } = await manager.streams.info(name, { subjects_filter: ">" });
        return Object.keys(state.subjects ?? {}).map((subject) =>
          decodeURIComponent(subject.slice(name.length + 1)),
        );
      },
    };
  });

  it("does not expire, and one of a subject is kept", async () => {
    const jetstream = openNew();
    const { put } = jetStreamFailedObjects(jetstream);
    for (const text of ["1", "2"]) await put("aws/lambda/x", Buffer.from(text));
    const { manager } = await jetstream.connected();
    const { config, state } = await manager.streams.info(failedStreamName(jetstream.streamName));
    expect(config).toMatchObject({ max_age: 0, max_bytes: -1, storage: "file", max_msgs_per_subject: 1 });
    expect(state.messages).toBe(1);
  });

  it("keeps a batch that is larger than a message in several, with nothing lost and in order", async () => {
    const jetstream = openNew();
    const keep = keepInJetStream(jetStreamFailedObjects(jetstream));
    const small = Array.from({ length: 300 }, (_, index): [number, number] => [20 + index, 9_000]);
    const batch = batchOf([7, LARGEST], [8, LARGEST], [9, 3], [10, LARGEST], ...small);
    await keep(batch);
    await keep(batch);
    const batches = jetStreamFailedBatches(jetstream, PREFIX);
    const keys = await keysOf(jetstream);
    expect(keys.length).toBeGreaterThan(4);
    const kept = (await Promise.all(keys.map((key) => batches.read(key)))).flatMap(({ records }) => records);
    expect(kept).toEqual(batch.records.map(({ partitionKey, data }) => ({ deviceId: partitionKey, data })));
  });

  it("finds a partition's batches in the order of their records, whatever the length of their numbers", async () => {
    const jetstream = openNew();
    const keep = keepInJetStream(jetStreamFailedObjects(jetstream));
    for (const number of [100, 9, 10, 99]) await keep(batchOf([number, 3]));
    const numbers = (await keysOf(jetstream)).map((key) => Number(key.split("-").at(-1)));
    expect(numbers).toEqual([9, 10, 99, 100]);
  });

  it("says which setting is wrong when a record does not fit, and keeps the others", async () => {
    const own = await startNatsServer({ maximumPayload: "1MB" });
    try {
      const jetstream = open(own.address());
      const keep = keepInJetStream(jetStreamFailedObjects(jetstream));
      await keep(batchOf([1, 500_000], [2, 500_000]));
      const keeping = keep(batchOf([3, LARGEST]));
      await expect(keeping).rejects.toBeInstanceOf(TooLargeError);
      await expect(keeping).rejects.toThrow(/max_payload: 2MB/);
      expect(await keysOf(jetstream)).toHaveLength(2);
    } finally {
      await own.close();
    }
  });

  it("are settled by several at a time without trouble", async () => {
    const jetstream = openNew();
    const keep = keepInJetStream(jetStreamFailedObjects(jetstream));
    for (let number = 0; number < 20; number++) await keep(batchOf([number, 3]));
    const settleAll = async () => {
      const batches = jetStreamFailedBatches(open(server.address(jetstream.streamName)), PREFIX);
      for await (const key of batches.keys()) await batches.settle(key);
    };
    await Promise.all([settleAll(), settleAll(), settleAll()]);
    expect(await keysOf(jetstream)).toEqual([]);
  });

  it("go back onto the stream; what nobody can read stays and blocks nothing", async () => {
    const jetstream = openNew();
    await openPositionsStream(jetstream);
    const objects = jetStreamFailedObjects(jetstream);
    const keep = keepInJetStream(objects);
    await keep(batchOf([1, 5], [2, LARGEST]));
    await objects.put(`${PREFIX}a-first-one`, Buffer.from("not JSON"));
    await keep(batchOf([3, 5], [4, 5]));
    const { connection } = await jetstream.connected();
    connection.publish(`${failedStreamName(jetstream.streamName)}.%ZZ`, "by hand");
    const unreadable: string[] = [];
    const summary = await redrive(
      {
        batches: jetStreamFailedBatches(jetstream, PREFIX),
        stream: jetStreamPositionStream(jetstream)(DEFAULT_TENANT),
      },
      { isDryRun: false, onBatch: () => {}, onUnreadable: (key) => unreadable.push(key) },
    );
    expect(summary).toEqual({ batchCount: 2, recordCount: 4, unreadableCount: 1 });
    expect(unreadable).toEqual([`${PREFIX}a-first-one`]);
    expect(await keysOf(jetstream)).toEqual(unreadable);
    expect((await readJetStream(jetstream)).map(({ data }) => data[0]).sort()).toEqual([1, 2, 3, 4]);
  });

  it("survive kill -9, and are kept once the server is back", async () => {
    const own = await startNatsServer();
    try {
      const jetstream = open(own.address());
      const keep = keepInJetStream(jetStreamFailedObjects(jetstream));
      const patiently = async (number: number): Promise<void> => {
        for (;;) {
          try {
            return await keep(batchOf([number, 100]));
          } catch {
            // As the event source does: again, for ever.
            await new Promise((wake) => setTimeout(wake, 20));
          }
        }
      };
      const keeping = (async () => {
        for (let number = 0; number < 200; number++) await patiently(number);
      })();
      await patiently(1_000);
      for (let kill = 0; kill < 2; kill++) {
        await own.kill();
        await own.restart();
        await patiently(2_000 + kill);
      }
      await keeping;
      expect(await keysOf(jetstream)).toHaveLength(203);
    } finally {
      await own.close();
    }
  });

  it("may be tens of thousands", async () => {
    const jetstream = openNew();
    const { put } = jetStreamFailedObjects(jetstream);
    const key = (number: number): string =>
      `${PREFIX}track-devices/partition-2/2026/11/20/2026-11-20T12.00.06-${String(number).padStart(20, "0")}`;
    for (let from = 0; from < 20_000; from += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, index) => put(key(from + index), Buffer.of(1))));
    }
    const keys = await keysOf(jetstream);
    expect([keys.length, keys[0], keys.at(-1)]).toEqual([20_000, key(0), key(19_999)]);
  });
});
