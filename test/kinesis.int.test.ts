import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { kinesisClient } from "../lib/adapters/kinesis/client.ts";
import { kinesisPositionStream } from "../lib/adapters/kinesis/position-stream.ts";
import { MisconfiguredError, UnavailableError } from "../lib/core/errors.ts";
import type { OutgoingRecord } from "../lib/core/stream/position-stream.ts";
import { positionStreamContract } from "./contracts/position-stream.contract.ts";
import { type LocalKinesis, startLocalKinesis } from "./local-aws.ts";

let local: LocalKinesis;
beforeAll(async () => {
  local = await startLocalKinesis();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await local.close();
});

const readStream = async (client: KinesisClient, StreamName: string): Promise<OutgoingRecord[]> => {
  const records: OutgoingRecord[] = [];
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  for (const { ShardId } of Shards) {
    const start = new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" });
    let { ShardIterator } = await client.send(start);
    for (;;) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator }));
      for (const { PartitionKey = "", Data = new Uint8Array() } of page.Records ?? []) {
        records.push({ deviceId: PartitionKey, data: Data });
      }
      if (!page.Records?.length) break;
      ShardIterator = page.NextShardIterator;
    }
  }
  return records;
};

positionStreamContract("kinesisPositionStream", async () => {
  const streamName = await local.makeStream();
  return {
    stream: kinesisPositionStream(local.client, streamName),
    arrived: () => readStream(local.client, streamName),
  };
});

describe("kinesisPositionStream", () => {
  const record: OutgoingRecord = { deviceId: "van-7", data: new Uint8Array([1, 2, 3]) };

  it("says what is wrong when the stream does not exist", async () => {
    const stream = kinesisPositionStream(local.client, "nowhere");
    await expect(stream.publish([record])).rejects.toBeInstanceOf(MisconfiguredError);
  });

  it("says unavailable when nobody listens", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_KINESIS", "http://127.0.0.1:9");
    const client = kinesisClient();
    const stream = kinesisPositionStream(client, "positions");
    await expect(stream.publish([record])).rejects.toBeInstanceOf(UnavailableError);
    client.destroy();
  });
});
