import { describe, expect, it } from "vitest";
import { eventBytes, kinesisEvent } from "../../hosts/lambda-events/kinesis-event.ts";
import { record, STREAM_ARN } from "./testing.ts";

describe("kinesisEvent", () => {
  it("is what Lambda hands to a function", () => {
    const sent = {
      sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
      partitionKey: "van-7",
      data: Buffer.from("Hello, this is a test."),
      arrivedAtMs: 1_545_084_650_987,
    };
    expect(kinesisEvent([sent], { streamArn: STREAM_ARN, shardId: "shardId-000000000006" })).toEqual({
      Records: [
        {
          kinesis: {
            kinesisSchemaVersion: "1.0",
            partitionKey: "van-7",
            sequenceNumber: sent.sequenceNumber,
            data: "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",
            approximateArrivalTimestamp: 1545084650.987,
          },
          eventSource: "aws:kinesis",
          eventVersion: "1.0",
          eventID: `shardId-000000000006:${sent.sequenceNumber}`,
          eventName: "aws:kinesis:record",
          invokeIdentityArn: "arn:aws:iam::123456789012:role/local",
          awsRegion: "eu-central-1",
          eventSourceARN: STREAM_ARN,
        },
      ],
    });
  });

  it("is never larger than is reckoned", () => {
    const records = [
      record(1),
      { ...record(2), partitionKey: "\u0001".repeat(256), data: Buffer.alloc(100_001, 7) },
    ];
    for (const each of records) {
      const event = kinesisEvent([each], { streamArn: STREAM_ARN, shardId: "shardId-000000000000" });
      expect(JSON.stringify(event).length).toBeLessThanOrEqual(eventBytes(each));
    }
  });
});
