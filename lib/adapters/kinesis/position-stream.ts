import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import type { PositionStream } from "../../core/stream/position-stream.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { checkRecordSize } from "../record-size.ts";
import { publishInOrder, type SendRecords } from "./publish-in-order.ts";

/** The positions stream on Kinesis; the partition key is the device id. */
export const kinesisPositionStream = (
  client: KinesisClient,
  streamName: string,
  patience: Patience = REAL_PATIENCE,
): PositionStream => {
  const send: SendRecords = async (records) => {
    const command = new PutRecordsCommand({
      StreamName: streamName,
      Records: records.map(({ deviceId, data }) => ({ PartitionKey: deviceId, Data: data })),
    });
    const answer = await answerTo(`publish to ${streamName}`, client.send(command));
    // An answer that does not speak of a record does not say that it was accepted.
    return records.map((_, index) => {
      const result = answer.Records?.[index];
      return result?.SequenceNumber ? undefined : (result?.ErrorCode ?? "NoAnswer");
    });
  };
  return {
    async publish(records) {
      for (const record of records) checkRecordSize(record);
      await publishInOrder(records, send, patience);
    },
  };
};
