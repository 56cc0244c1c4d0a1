import type { KinesisStreamEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { lambdaContext } from "../../test/http-event.ts";
import { defineFunction } from "./definition.ts";
import { type StreamRecord, streamFunction } from "./stream.ts";

const definition = defineFunction({
  name: "follow-things",
  description: "",
  memoryMegabytes: 128,
  timeoutSeconds: 5,
  stream: {
    stream: "positions",
    batchSize: 10,
    maximumBatchingWindowSeconds: 0,
    parallelizationFactor: 1,
    maximumRetryAttempts: 3,
    maximumRecordAgeSeconds: 60,
    bisectBatchOnFunctionError: true,
  },
});

const event = (...sequenceNumbers: string[]): KinesisStreamEvent => ({
  Records: sequenceNumbers.map((sequenceNumber) => ({
    awsRegion: "eu-west-1",
    eventID: `shardId-000000000000:${sequenceNumber}`,
    eventName: "aws:kinesis:record",
    eventSource: "aws:kinesis",
    eventSourceARN: "arn:aws:kinesis:eu-west-1:123456789012:stream/positions",
    eventVersion: "1.0",
    invokeIdentityArn: "arn:aws:iam::123456789012:role/x",
    kinesis: {
      approximateArrivalTimestamp: 1_795_176_000.123,
      data: Buffer.from([0, 255]).toString("base64"),
      kinesisSchemaVersion: "1.0",
      partitionKey: "car",
      sequenceNumber,
    },
  })),
});

test("records come out of their envelopes, in order", async () => {
  const seen: StreamRecord[] = [];
  const handler = streamFunction(definition, async (records) => {
    seen.push(...records);
    return { failedSequenceNumbers: [] };
  });
  expect(await handler(event("1", "2"), lambdaContext())).toEqual({ batchItemFailures: [] });
  expect(seen).toHaveLength(2);
  expect({ ...seen[0], data: [...seen[0].data] }).toEqual({
    partitionKey: "car",
    sequenceNumber: "1",
    data: [0, 255],
    arrivedAtMs: 1_795_176_000_123,
    stream: "arn:aws:kinesis:eu-west-1:123456789012:stream/positions",
    recordId: "shardId-000000000000:1:1795176000123",
  });
});

test("failures are reported once each, lowest first, however long the numbers are", async () => {
  const low = "49590338271490256608559692538361571095921575989136588898";
  const handler = streamFunction(definition, async () => ({
    failedSequenceNumbers: [`${low}0`, low, low, "9"],
  }));
  expect(await handler(event("9"), lambdaContext())).toEqual({
    batchItemFailures: [{ itemIdentifier: "9" }, { itemIdentifier: low }, { itemIdentifier: `${low}0` }],
  });
});

test("an error for the whole batch is thrown", async () => {
  const failure = new Error("the table is away");
  const handler = streamFunction(definition, () => Promise.reject(failure));
  await expect(handler(event("1"), lambdaContext())).rejects.toBe(failure);
});

test("finding 11: a record of a recreated stream has another id, and a redelivery has the same", async () => {
  const ids: string[] = [];
  const handler = streamFunction(definition, async (records) => {
    ids.push(...records.map(({ recordId }) => recordId));
    return { failedSequenceNumbers: [] };
  });
  const anew = event("1");
  anew.Records[0].kinesis.approximateArrivalTimestamp += 0.001;
  for (const each of [event("1"), event("1"), anew]) await handler(each, lambdaContext());
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});
