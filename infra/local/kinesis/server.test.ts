import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListStreamsCommand,
  PutRecordCommand,
  ShardIteratorType,
} from "@aws-sdk/client-kinesis";
import { afterAll, afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { RunningServer } from "../../../engines/server/http-server.ts";
import { createStream } from "../../engine/resources.ts";
import { startKinesis } from "./server.ts";

const credentials = { accessKeyId: "local", secretAccessKey: "local" };
const folders: string[] = [];
const open: { client: KinesisClient; server: RunningServer }[] = [];

const start = async (path?: string) => {
  const server = await startKinesis({ path });
  const client = new KinesisClient({ endpoint: server.endpoint, region: "us-east-1", credentials });
  open.push({ client, server });
  return { client, server };
};

afterEach(async () => {
  for (const { client, server } of open.splice(0)) {
    client.destroy();
    await server.close();
  }
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const put = (client: KinesisClient, key: string, data: string) =>
  client.send(new PutRecordCommand({ StreamName: "s", PartitionKey: key, Data: Buffer.from(data) }));

const read = async (client: KinesisClient, type: ShardIteratorType, timestamp?: Date): Promise<string[]> => {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamName: "s",
      ShardId: "shardId-000000000000",
      ShardIteratorType: type,
      Timestamp: timestamp,
    }),
  );
  const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
};

describe("startKinesis", () => {
  it("serves the unmodified SDK client, and a plain HTTP/1.1 one", async () => {
    const { client, server } = await start();
    await createStream(client, "s", { shards: 1 });
    await put(client, "a", "one");
    expect(await read(client, "TRIM_HORIZON")).toEqual(["one"]);
    const response = await fetch(server.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "Kinesis_20131202.ListStreams",
        "x-amz-date": "20261120T000000Z",
        authorization: "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c",
      },
      body: "{}",
    });
    expect(await response.json()).toMatchObject({ StreamNames: ["s"] });
  });

  it("answers AT_TIMESTAMP before, between and after the records", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    onTestFinished(() => void vi.useRealTimers());
    const { client } = await start();
    await createStream(client, "s", { shards: 1 });
    const before = new Date(Date.now() - 1_000);
    expect(await read(client, ShardIteratorType.AT_TIMESTAMP, before)).toEqual([]);
    await put(client, "a", "one");
    // The timestamp travels in whole milliseconds and must lie between the two arrivals, and not in the
    // future.
    vi.advanceTimersByTime(10);
    const between = new Date();
    await put(client, "a", "two");
    expect(await read(client, ShardIteratorType.AT_TIMESTAMP, before)).toEqual(["one", "two"]);
    expect(await read(client, ShardIteratorType.AT_TIMESTAMP, between)).toEqual(["two"]);
    vi.advanceTimersByTime(10);
    expect(await read(client, ShardIteratorType.AT_TIMESTAMP, new Date())).toEqual([]);
  });

  it("closes in the middle of traffic", async () => {
    const { client, server } = await start();
    client.config.maxAttempts = async () => 1;
    await createStream(client, "s", { shards: 1 });
    let answered = 0;
    const isBusy = Promise.withResolvers<void>();
    const senders = Array.from({ length: 20 }, async () => {
      for (;;) {
        await put(client, "a", "x");
        if (++answered > 100) isBusy.resolve();
      }
    });
    const ended = Promise.allSettled(senders);
    await isBusy.promise;
    await server.close();
    expect((await ended).map(({ status }) => status)).toEqual(Array(20).fill("rejected"));
  });

  it("keeps streams and records on disk", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kinesis-"));
    folders.push(folder);
    const path = join(folder, "new", "stream");
    const first = await start(path);
    await createStream(first.client, "s", { shards: 1 });
    await put(first.client, "a", "one");
    await first.server.close();
    const second = await start(path);
    expect((await second.client.send(new ListStreamsCommand())).StreamNames).toEqual(["s"]);
    await createStream(second.client, "s", { shards: 1 });
    expect(await read(second.client, "TRIM_HORIZON")).toEqual(["one"]);
  });
});
