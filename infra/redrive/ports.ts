import { KinesisClient } from "@aws-sdk/client-kinesis";
import { folderFailedBatches } from "../../lib/adapters/failed-batches/folder-failed-batches.ts";
import { s3FailedBatches } from "../../lib/adapters/failed-batches/s3-failed-batches.ts";
import { type JetStreamConnection, openJetStream } from "../../lib/adapters/jetstream/connection.ts";
import { jetStreamFailedBatches } from "../../lib/adapters/jetstream/failed-batches.ts";
import { jetStreamPositionStream } from "../../lib/adapters/jetstream/position-stream.ts";
import { describePositionsStream } from "../../lib/adapters/jetstream/positions-stream.ts";
import { kinesisClient } from "../../lib/adapters/kinesis/client.ts";
import { kinesisPositionStream } from "../../lib/adapters/kinesis/position-stream.ts";
import { s3Client } from "../../lib/adapters/s3/client.ts";
import { BacktrackError } from "../../lib/core/errors.ts";
import type { RedrivePorts } from "../../lib/core/redrive/redrive.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { failure } from "../command/failure.ts";
import { localClientSettings } from "../engine/clients.ts";
import { streamName } from "../engine/names.ts";
import { requireStack } from "../local/stack/registry.ts";
import { placeOf, stageOutputs } from "../stage-outputs.ts";
import type { RedriveCommand } from "./options.ts";

export interface OpenPorts extends RedrivePorts {
  /** For people: `stage prod`. */
  readonly whose: string;
  close(): Promise<void>;
}

/** A misspelt stream would look like one of which nothing was given up. Raises a CommandFailure. */
const openExisting = async (stream: string): Promise<JetStreamConnection> => {
  const jetstream = openJetStream(stream);
  try {
    await describePositionsStream(jetstream);
    return jetstream;
  } catch (error) {
    await jetstream.close();
    throw error instanceof BacktrackError ? failure(error.message, error) : error;
  }
};

/** Where the failed records are, and the stream that they go back onto. Raises a CommandFailure. */
export const openPorts = async ({
  stage,
  bucket,
  prefix,
  url,
  data,
  stream,
  ...place
}: RedriveCommand): Promise<OpenPorts> => {
  if (stream !== undefined) {
    const jetstream = await openExisting(stream);
    return {
      batches: jetStreamFailedBatches(jetstream, prefix),
      stream: jetStreamPositionStream(jetstream)(DEFAULT_TENANT),
      whose: `the stack of ${jetstream.shownAddress}`,
      close: () => jetstream.close(),
    };
  }
  if (stage === undefined) {
    const { kinesisEndpoint, credentials, failedRecordsFolder } = await requireStack({ url, data });
    const client = new KinesisClient(localClientSettings(kinesisEndpoint, credentials));
    return {
      batches: folderFailedBatches(failedRecordsFolder, prefix),
      stream: kinesisPositionStream(client, streamName("positions"))(DEFAULT_TENANT),
      whose: "the local stack",
      close: async () => client.destroy(),
    };
  }
  const { FailedRecordsBucket, PositionsStream } = await stageOutputs(
    { stage, ...place },
    { FailedRecordsBucket: "bucket for failed records", PositionsStream: "stream of positions" },
  );
  const [s3, kinesis] = [s3Client(placeOf(place)), kinesisClient(placeOf(place))];
  return {
    batches: s3FailedBatches(s3, bucket ?? FailedRecordsBucket, prefix),
    stream: kinesisPositionStream(kinesis, PositionsStream)(DEFAULT_TENANT),
    whose: `stage ${stage}`,
    close: async () => {
      s3.destroy();
      kinesis.destroy();
    },
  };
};
