import { describe, expect, it } from "vitest";
import { NotFoundError, RecordError } from "../../lib/core/errors.ts";
import type { FailedBatches } from "../../lib/core/redrive/failed-batches.ts";

export interface ObservedBatches {
  readonly batches: FailedBatches;
  readonly put: (key: string, content: Uint8Array) => Promise<void>;
  /** Every key, including those put aside. */
  readonly all: () => Promise<readonly string[]>;
}

const DATA = Buffer.from('{"timestamp":1,"latitude":2,"longitude":3}');
const event = {
  Records: [
    {
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: "van-7",
        sequenceNumber: "49545115243490985018280067714973144582180062593244200961",
        data: DATA.toString("base64"),
        approximateArrivalTimestamp: 1795176000.123,
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: "shardId-000000000001:49545115243490985018280067714973144582180062593244200961",
      eventName: "aws:kinesis:record",
      invokeIdentityArn: "arn:aws:iam::123456789012:role/track-devices",
      awsRegion: "eu-west-1",
      eventSourceARN: "arn:aws:kinesis:eu-west-1:123456789012:stream/positions",
    },
  ],
};

/** The object that Lambda writes for a batch that it gave up; `payload` is the whole event. */
export const invocationRecord = (payload: unknown = JSON.stringify(event)) => ({
  requestContext: {
    requestId: "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
    functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:backtrack-dev-track-devices:live",
    condition: "RetryAttemptsExhausted",
    approximateInvokeCount: 1,
  },
  responseContext: { statusCode: 200, executedVersion: "7", functionError: "Unhandled" },
  version: "1.0",
  timestamp: "2026-11-20T12:00:06.021Z",
  KinesisBatchInfo: {
    shardId: "shardId-000000000001",
    startSequenceNumber: "49545115243490985018280067714973144582180062593244200961",
    endSequenceNumber: "49545115243490985018280067714973144582180062593244200961",
    approximateArrivalOfFirstRecord: "2026-11-20T12:00:00.123Z",
    approximateArrivalOfLastRecord: "2026-11-20T12:00:00.123Z",
    batchSize: 1,
    streamArn: "arn:aws:kinesis:eu-west-1:123456789012:stream/positions",
  },
  payload,
});

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const keysOf = async (batches: FailedBatches): Promise<string[]> => {
  const keys: string[] = [];
  for await (const key of batches.keys()) keys.push(key);
  return keys;
};

const shard = "aws/lambda/6cbc3f0e/shardId-000000000001/2026/11/20";
const KEY = `${shard}/2026-11-20T12.00.06-c9b8fa9f`;

/** What every FailedBatches does. `make` returns an empty one for the prefix `aws/lambda/`. */
export const failedBatchesContract = (name: string, make: () => Promise<ObservedBatches>): void => {
  describe(`${name} keeps the contract of FailedBatches`, () => {
    it("finds every batch under its prefix, in the order of their names", async () => {
      const { batches, put } = await make();
      expect(await keysOf(batches)).toEqual([]);
      const keys = Array.from(
        { length: 8 },
        (_, minute) => `${shard}/2026-11-20T12.0${minute}.00-${9 - minute}`,
      );
      for (const key of keys.toReversed()) await put(key, bytesOf(invocationRecord()));
      await put("other/thing", bytesOf({}));
      await put("redriven/aws/lambda/x", bytesOf({}));
      expect(await keysOf(batches)).toEqual(keys);
    });

    it.each([
      ["as JSON text", JSON.stringify(event)],
      ["as an object", event],
    ])("reads the whole records, with the event %s", async (_, payload) => {
      const { batches, put } = await make();
      await put(KEY, bytesOf(invocationRecord(payload)));
      const { records, ...batch } = await batches.read(KEY);
      expect(batch).toEqual({
        functionName: "backtrack-dev-track-devices",
        condition: "RetryAttemptsExhausted",
      });
      expect(records).toHaveLength(1);
      expect(records[0]?.deviceId).toBe("van-7");
      expect(Buffer.compare(records[0]?.data ?? new Uint8Array(), DATA)).toBe(0);
    });

    it("reports an object that is not a batch, and one that does not exist", async () => {
      const { batches, put } = await make();
      for (const [index, content] of [
        {},
        [],
        invocationRecord("{"),
        invocationRecord({ Records: [{}] }),
      ].entries()) {
        await put(`${KEY}${index}`, bytesOf(content));
        await expect(batches.read(`${KEY}${index}`)).rejects.toBeInstanceOf(RecordError);
      }
      await expect(batches.read(`${KEY}-nothing`)).rejects.toBeInstanceOf(NotFoundError);
    });

    it("puts a redriven batch aside once, and keeps it", async () => {
      const { batches, put, all } = await make();
      const odd = `${shard}/a b+c&d`;
      for (const key of [KEY, odd]) await put(key, bytesOf(invocationRecord()));
      for (const key of [KEY, odd, KEY]) await batches.settle(key);
      expect(await keysOf(batches)).toEqual([]);
      expect([...(await all())].sort()).toEqual([`redriven/${KEY}`, `redriven/${odd}`].sort());
    });
  });
};
