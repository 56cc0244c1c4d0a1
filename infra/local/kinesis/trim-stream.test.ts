import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ANY_CREDENTIALS } from "../../../engines/server/access-key.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { createStream } from "../../engine/resources.ts";
import { startKinesis } from "./server.ts";
import { streamTrimmer } from "./trim-stream.ts";

const HOUR_MS = 60 * 60 * 1_000;
const SHARD = "shardId-000000000000";
const MEGABYTE = 1024 * 1024;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  vi.useRealTimers();
});

const open = async (path?: string) => {
  const server = await startKinesis({ path });
  const client = new KinesisClient(localClientSettings(server.endpoint, ANY_CREDENTIALS));
  closers.push(server.close, () => client.destroy());
  await createStream(client, "s", { shards: 1 });
  const put = async (texts: readonly string[]): Promise<string> => {
    const { Records = [] } = await client.send(
      new PutRecordsCommand({
        StreamName: "s",
        Records: texts.map((text) => ({ PartitionKey: "car", Data: Buffer.from(text) })),
      }),
    );
    return Records.at(-1)?.SequenceNumber ?? "";
  };
  /** As a consumer reads that keeps its own place, or has none yet. */
  const read = async (afterSequenceNumber?: string): Promise<string[]> => {
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName: "s",
        ShardId: SHARD,
        ...(afterSequenceNumber === undefined
          ? { ShardIteratorType: "TRIM_HORIZON" }
          : {
              ShardIteratorType: "AFTER_SEQUENCE_NUMBER",
              StartingSequenceNumber: afterSequenceNumber,
            }),
      }),
    );
    const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
    return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
  };
  const storedBytes = async (): Promise<number> => {
    let bytes = 0;
    for await (const record of server.records.after("s", SHARD)) bytes += record.bytes;
    return bytes;
  };
  return { server, put, read, storedBytes };
};

describe("finding 13: what has not been tracked is never expired, and what everybody has read goes by size", () => {
  test("30 hours later, after a restart with the same data, what nobody has read is all there", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const folder = mkdtempSync(join(tmpdir(), "backtrack-"));
    const startedMs = Date.now();
    const first = await open(folder);
    const settled = await first.put(["tracked"]);
    await first.put(["accepted", "accepted later"]);
    for (const close of closers.splice(0).reverse()) await close();

    vi.setSystemTime(startedMs + 30 * HOUR_MS);
    const second = await open(folder);
    closers.unshift(() => rmSync(folder, { recursive: true }));
    await streamTrimmer(second.server.records, "s", 0).trim(new Map([[SHARD, settled]]));
    expect(await second.read(settled)).toEqual(["accepted", "accepted later"]);
    // Reading again finds them still: nothing was removed on the way, as kinesalite does by itself.
    expect(await second.read(settled)).toEqual(["accepted", "accepted later"]);
  });

  test("nothing of a shard goes that a reader has not begun to read", async () => {
    const { server, put, read } = await open();
    await put(["one", "two"]);
    await streamTrimmer(server.records, "s", 0).trim(new Map());
    expect(await read()).toEqual(["one", "two"]);
  });

  test("of what was read the newest stays, as much as the window holds", async () => {
    const { server, put, read, storedBytes } = await open();
    const texts = Array.from({ length: 40 }, (_, index) => `${index}`.padEnd(50_000, "."));
    let settled = "";
    for (const text of texts) settled = await put([text]);
    const unread = await put(["unread"]);
    await streamTrimmer(server.records, "s", MEGABYTE).trim(new Map([[SHARD, settled]]));
    const left = await read();
    expect(left.at(-1)).toBe("unread");
    expect(left.slice(0, -1)).toEqual(texts.slice(-left.length + 1));
    expect(left.length).toBeGreaterThan(5);
    expect(await storedBytes()).toBeLessThan(1.3 * MEGABYTE);
    expect(unread).not.toBe("");
  });

  test("a night of positions that are read as they come takes no more room at its end than at its beginning", async () => {
    const { server, put, storedBytes } = await open();
    const trimmer = streamTrimmer(server.records, "s", MEGABYTE);
    const position = JSON.stringify({ timestamp: 1_773_474_072, latitude: 46.05, longitude: 14.5 });
    const sizes: number[] = [];
    for (let sweep = 0; sweep < 30; sweep++) {
      const settled = await put(Array.from({ length: 500 }, () => position));
      await trimmer.trim(new Map([[SHARD, settled]]));
      sizes.push(await storedBytes());
    }
    // 15,000 records of 400 bytes are 6 MB.
    expect(Math.max(...sizes)).toBeLessThan(1.3 * MEGABYTE);
    expect(Math.min(...sizes.slice(-10))).toBeGreaterThan(0.5 * MEGABYTE);
  });
});
