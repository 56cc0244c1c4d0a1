import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FailedBatch, OnFailure } from "../../engines/event-source/on-failure.ts";
import { kinesisEvent } from "../../hosts/lambda-events/kinesis-event.ts";
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
    await writeFile(`${path}.part`, JSON.stringify(invocationRecord(batch)));
    await rename(`${path}.part`, path);
  };

const keyOf = ({ functionName, partitionId, records: [first] }: FailedBatch): string => {
  const [date, time] = new Date(first.arrivedAtMs).toISOString().split("T");
  const moment = `${date}T${time.slice(0, 8).replaceAll(":", ".")}`;
  return `aws/lambda/${functionName}/${partitionId}/${date.replaceAll("-", "/")}/${moment}-${first.sequenceNumber}`;
};

const invocationRecord = ({ records, ...batch }: FailedBatch) => {
  const [first, last] = [records[0], records[records.length - 1]];
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
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
  };
};
