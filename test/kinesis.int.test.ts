import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { kinesisClient } from "../lib/adapters/kinesis/client.ts";
import { kinesisPositionStream } from "../lib/adapters/kinesis/position-stream.ts";
import { MisconfiguredError, UnavailableError } from "../lib/core/errors.ts";
import type { OutgoingRecord } from "../lib/core/stream/position-stream.ts";
import { positionStreamContract } from "./contracts/position-stream.contract.ts";
import { type LocalKinesis, startLocalKinesis } from "./local-aws.ts";
import { readStream } from "./read-stream.ts";

let local: LocalKinesis;
beforeAll(async () => {
  local = await startLocalKinesis();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await local.close();
});

const arrivedOn = async (streamName: string): Promise<OutgoingRecord[]> => {
  const records: OutgoingRecord[] = [];
  for await (const { partitionKey, data } of readStream(local.client, streamName)) {
    records.push({ deviceId: partitionKey, data });
  }
  return records;
};

positionStreamContract("kinesisPositionStream", async () => {
  const streamName = await local.makeStream();
  return {
    stream: kinesisPositionStream(local.client, streamName),
    arrived: () => arrivedOn(streamName),
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
