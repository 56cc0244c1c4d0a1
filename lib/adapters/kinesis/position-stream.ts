import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { type BacktrackError, RefusedError, ThrottledError, UnavailableError } from "../../core/errors.ts";
import { partitionKeyOf } from "../../core/stream/partition-key.ts";
import type { PositionStream } from "../../core/stream/position-stream.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { answerTo, isRefusal, isThrottling } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { publishInOrder, type SendRecords } from "../publish-in-order.ts";
import { checkRecordSize } from "../record-size.ts";

/** The positions stream on Kinesis; the partition key is what partitionKeyOf makes of tenant and device. */
export const kinesisPositionStream =
  (client: KinesisClient, streamName: string, patience: Patience = REAL_PATIENCE): OfTenant<PositionStream> =>
  (tenant) => {
    const send: SendRecords = async (records) => {
      const command = new PutRecordsCommand({
        StreamName: streamName,
        Records: records.map(({ deviceId, data }) => ({
          PartitionKey: deviceId,
          Data: data,
        })),
      });
      const answer = await answerTo(`publish to ${streamName}`, client.send(command));
      // A record that the answer leaves out was not confirmed.
      return records.map(({ deviceId }, index) => {
        const result = answer.Records?.[index];
        return result?.SequenceNumber ? undefined : failureOf(result?.ErrorCode ?? "NoAnswer", deviceId);
      });
    };
    return {
      async publish(ofTenant) {
        const records = ofTenant.map(({ deviceId, data }) => ({
          deviceId: partitionKeyOf(tenant, deviceId),
          data,
        }));
        for (const record of records) checkRecordSize(record);
        await publishInOrder(records, send, patience);
      },
    };
  };

const failureOf = (code: string, deviceId: string): BacktrackError => {
  if (isRefusal(code)) return new RefusedError(`publish a record of device ${deviceId}: ${code}`);
  return isThrottling(code) ? new ThrottledError(code) : new UnavailableError(code);
};
