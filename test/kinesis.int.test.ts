import { DeleteStreamCommand, DescribeStreamSummaryCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createStream } from "../infra/engine/resources.ts";
import { kinesisClient } from "../lib/adapters/kinesis/client.ts";
import { kinesisPositionStream } from "../lib/adapters/kinesis/position-stream.ts";
import { kinesisStreamIdentity } from "../lib/adapters/kinesis/stream-identity.ts";
import { MisconfiguredError, UnavailableError } from "../lib/core/errors.ts";
import type { OutgoingRecord } from "../lib/core/stream/position-stream.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { positionStreamContract } from "./contracts/position-stream.contract.ts";
import { streamIdentityContract } from "./contracts/stream-identity.contract.ts";
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
    streamOf: kinesisPositionStream(local.client, streamName),
    arrived: () => arrivedOn(streamName),
  };
});

streamIdentityContract("kinesisStreamIdentity", async () => {
  const streamName = await local.makeStream();
  return {
    identity: kinesisStreamIdentity(local.client, () => 0),
    stream: `arn:aws:kinesis:eu-west-1:123456789012:stream/${streamName}`,
    async makeAnew() {
      const { StreamDescriptionSummary: before } = await describeStream(streamName);
      await local.client.send(new DeleteStreamCommand({ StreamName: streamName }));
      // Creation times have whole seconds.
      const isNewer = async () => {
        await createStream(local.client, streamName, { shards: 1 });
        const { StreamDescriptionSummary: after } = await describeStream(streamName);
        const grown = Number(after?.StreamCreationTimestamp) > Number(before?.StreamCreationTimestamp);
        if (!grown) await local.client.send(new DeleteStreamCommand({ StreamName: streamName }));
        return grown;
      };
      await vi.waitUntil(isNewer, { timeout: 5_000, interval: 100 });
    },
  };
});

const describeStream = (StreamName: string) =>
  local.client.send(new DescribeStreamSummaryCommand({ StreamName }));

describe("kinesisStreamIdentity", () => {
  it("says what is wrong when the stream does not exist, and asks again the next time", async () => {
    const identity = kinesisStreamIdentity(local.client, () => 0);
    await expect(identity.createdAtMs("not-yet")).rejects.toBeInstanceOf(MisconfiguredError);
    await createStream(local.client, "not-yet", { shards: 1 });
    expect(await identity.createdAtMs("not-yet")).toBeGreaterThan(0);
  });
});

describe("kinesisPositionStream", () => {
  const record: OutgoingRecord = { deviceId: "van-7", data: new Uint8Array([1, 2, 3]) };

  it("says what is wrong when the stream does not exist", async () => {
    const stream = kinesisPositionStream(local.client, "nowhere")(DEFAULT_TENANT);
    await expect(stream.publish([record])).rejects.toBeInstanceOf(MisconfiguredError);
  });

  it("says unavailable when nobody listens", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_KINESIS", "http://127.0.0.1:9");
    const client = kinesisClient();
    const stream = kinesisPositionStream(client, "positions")(DEFAULT_TENANT);
    await expect(stream.publish([record])).rejects.toBeInstanceOf(UnavailableError);
    client.destroy();
  });
});
