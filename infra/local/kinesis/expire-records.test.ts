import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from "@aws-sdk/client-kinesis";
import { afterEach, expect, test, vi } from "vitest";
import { localClientSettings } from "../clients.ts";
import { createStream } from "../resources.ts";
import { expireRecords } from "./expire-records.ts";
import { startKinesis } from "./server.ts";

const HOUR_MS = 60 * 60 * 1_000;

afterEach(() => vi.useRealTimers());

test("records past the retention are gone from the store, younger ones stay", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const server = await startKinesis();
  const client = new KinesisClient(localClientSettings(server.endpoint));
  const put = (text: string) =>
    client.send(new PutRecordCommand({ StreamName: "s", PartitionKey: "car", Data: Buffer.from(text) }));
  const read = async () => {
    const shard = { StreamName: "s", ShardId: "shardId-000000000000" };
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ ...shard, ShardIteratorType: "TRIM_HORIZON" }),
    );
    const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
    return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
  };
  try {
    const startedMs = Date.now();
    await createStream(client, "s", { shards: 1, retentionHours: 24 });
    await put("old");
    vi.setSystemTime(startedMs + 20 * HOUR_MS);
    await put("young");
    await expireRecords(client, "s");
    expect(await read()).toEqual(["old", "young"]);

    vi.setSystemTime(startedMs + 25 * HOUR_MS);
    await expireRecords(client, "s");
    // With the clock back, whatever is still stored would be read again.
    vi.setSystemTime(startedMs + 20 * HOUR_MS);
    await vi.waitFor(async () => expect(await read()).toEqual(["young"]));
  } finally {
    client.destroy();
    await server.close();
  }
});
