import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FailedBatch, OnFailure } from "../../engines/event-source/on-failure.ts";
import { kinesisEvent } from "../../hosts/lambda-events/kinesis-event.ts";
import type { FailedObjects } from "../../lib/adapters/jetstream/failed-batches.ts";
import { functionArn } from "./names.ts";

/**
 * Writes failed batches into a folder as Lambda writes them into a bucket: the same JSON under the same kind
 * of name. The name follows from the records, so that the same batch is the same file.
 */
export const keepInFolder =
  (folder: string): OnFailure =>
  async (batch) => {
    const path = join(folder, keyOf(batch));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, contentOf(batch));
    await rename(`${path}.part`, path);
  };

/**
 * Writes failed batches into a stream of JetStream, in the same form. A batch that is larger than a message
 * may be becomes several, each with some of the records.
 */
export const keepInJetStream = (objects: FailedObjects): OnFailure => {
  const keep = async (batch: FailedBatch, maximumBytes: number): Promise<void> => {
    const { records } = batch;
    const content = Buffer.from(contentOf(batch));
    // A single record fits as long as NATS is configured for the stream's records; if not, put says so.
    if (content.length <= maximumBytes || records.length === 1) return objects.put(keyOf(batch), content);
    const half = records.length >> 1;
    await keep({ ...batch, records: records.slice(0, half) }, maximumBytes);
    await keep({ ...batch, records: records.slice(half) }, maximumBytes);
  };
  return async (batch) => keep(batch, await objects.maximumBytes());
};

/** Numbers of JetStream have no fixed length; keys have to be in the order of the records. */
const SEQUENCE_DIGITS = 20;

/**
 * With the last record's number, too: a paused engine that keeps a shorter batch late must not replace its
 * successor's longer one.
 */
const keyOf = ({ functionName, partitionId, records }: FailedBatch): string => {
  const [first, last] = [records[0], records[records.length - 1]];
  const [date, time] = new Date(first.arrivedAtMs).toISOString().split("T");
  const moment = `${date}T${time.slice(0, 8).replaceAll(":", ".")}`;
  const number = first.sequenceNumber.padStart(SEQUENCE_DIGITS, "0");
  return `aws/lambda/${functionName}/${partitionId}/${date.replaceAll("-", "/")}/${moment}-${number}-${last.sequenceNumber}`;
};

const contentOf = ({ records, ...batch }: FailedBatch): string => {
  const [first, last] = [records[0], records[records.length - 1]];
  const iso = (ms: number): string => new Date(ms).toISOString();
  return JSON.stringify({
    requestContext: {
      requestId: `${batch.partitionId}-${first.sequenceNumber}`,
      functionArn: functionArn(batch.functionName),
      condition: batch.condition,
      approximateInvokeCount: batch.approximateInvokeCount,
    },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: batch.reason },
    version: "1.0",
    timestamp: iso(last.arrivedAtMs),
    KinesisBatchInfo: {
      shardId: batch.partitionId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: iso(first.arrivedAtMs),
      approximateArrivalOfLastRecord: iso(last.arrivedAtMs),
      batchSize: records.length,
      streamArn: batch.streamArn,
    },
    payload: JSON.stringify(
      kinesisEvent(records, { streamArn: batch.streamArn, shardId: batch.partitionId }),
    ),
  });
};
