import { type MsgHdrs, headers as newHeaders } from "@nats-io/transport-node";

/*
 * How a record of the stream looks in JetStream: its partition in the subject, the partition key in a header
 * (a device id may hold dots, which separate the parts of a subject), the data as the payload.
 */

export const PARTITION_KEY_HEADER = "Backtrack-Partition-Key";
const MESSAGE_ID_HEADER = "Nats-Msg-Id";

const PARTITION_ID = /^partition-(0|[1-9]\d*)$/;

/** `partition-0`, as events name it. */
export const partitionIdOf = (partition: number): string => `partition-${partition}`;

/** The number in a partition's id. Throws RangeError for any other text. */
export const partitionNumberOf = (partitionId: string): number => {
  const [, digits] = PARTITION_ID.exec(partitionId) ?? [];
  if (digits === undefined) throw new RangeError(`${partitionId} is no partition of a stream in JetStream`);
  return Number(digits);
};

/** `positions.0` */
export const subjectOf = (streamName: string, partition: number): string => `${streamName}.${partition}`;

/**
 * The subjects of a stream with `count` partitions; the stream's configuration stores them, and so the count.
 */
export const subjectsOf = (streamName: string, count: number): string[] =>
  Array.from({ length: count }, (_, partition) => subjectOf(streamName, partition));

/** The headers of a record. JetStream drops a second record with the same message id within two minutes. */
export const headersOf = (partitionKey: string, messageId: string): MsgHdrs => {
  const headers = newHeaders();
  headers.set(PARTITION_KEY_HEADER, encodeKey(partitionKey));
  headers.set(MESSAGE_ID_HEADER, messageId);
  return headers;
};

/** A lone surrogate has no encoding; no device id has one. */
const encodeKey = (partitionKey: string): string => encodeURIComponent(partitionKey.toWellFormed());

/**
 * The partition key of a record. Others write to the stream, too: without the header, or with one that is not
 * percent-encoded, it is what stands there, and perhaps no device id.
 */
export const partitionKeyOfHeaders = (headers: MsgHdrs | undefined): string => {
  const encoded = headers?.get(PARTITION_KEY_HEADER) ?? "";
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
};
