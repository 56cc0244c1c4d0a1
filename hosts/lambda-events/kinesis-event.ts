import type { KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";

/** One record of a stream, whole. */
export interface SourceRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** When it reached the stream, milliseconds since 1970. */
  readonly arrivedAtMs: number;
}

/** Lambda's limit for the event of one invocation. */
export const MAXIMUM_EVENT_BYTES = 6 * 1024 * 1024;

export interface EventOrigin {
  readonly streamArn: string;
  readonly shardId: string;
}

/** The event that Lambda hands to a function for these records of one shard, field by field. */
export const kinesisEvent = (
  records: readonly SourceRecord[],
  { streamArn, shardId }: EventOrigin,
): KinesisStreamEvent => {
  const [, , , awsRegion = "", account = ""] = streamArn.split(":");
  return {
    Records: records.map(
      ({ sequenceNumber, partitionKey, data, arrivedAtMs }): KinesisStreamRecord => ({
        kinesis: {
          kinesisSchemaVersion: "1.0",
          partitionKey,
          sequenceNumber,
          data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
          approximateArrivalTimestamp: arrivedAtMs / 1_000,
        },
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: `${shardId}:${sequenceNumber}`,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: `arn:aws:iam::${account}:role/local`,
        awsRegion,
        eventSourceARN: streamArn,
      }),
    ),
  };
};

/** About how much of an event a record takes, JSON around it included, and never less than that. */
export const eventBytes = ({ data, partitionKey }: SourceRecord): number =>
  // A key's character takes up to six bytes in JSON; the fixed fields with the ARNs take less than 1 KiB.
  Math.ceil(data.byteLength / 3) * 4 + partitionKey.length * 6 + 1_024;
