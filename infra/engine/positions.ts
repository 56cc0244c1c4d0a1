import { DescribeStreamSummaryCommand } from "@aws-sdk/client-kinesis";
import { jetstreamStreamReader } from "../../engines/event-source/jetstream-stream-reader.ts";
import { kinesisStreamReader } from "../../engines/event-source/kinesis-stream-reader.ts";
import type { OnFailure } from "../../engines/event-source/on-failure.ts";
import type { StreamReader } from "../../engines/event-source/stream-reader.ts";
import { isJetStreamAddress } from "../../lib/adapters/jetstream/address.ts";
import { openJetStream } from "../../lib/adapters/jetstream/connection.ts";
import { jetStreamFailedObjects } from "../../lib/adapters/jetstream/failed-batches.ts";
import {
  describePositionsStream,
  openPositionsStream,
} from "../../lib/adapters/jetstream/positions-stream.ts";
import { kinesisClient } from "../../lib/adapters/kinesis/client.ts";
import { STREAMS } from "../../lib/resources/stream.ts";
import { wrongUse } from "../command/failure.ts";
import { keepInFolder, keepInJetStream } from "./keep-failed-batch.ts";
import { arnOfStream } from "./names.ts";
import { createStream } from "./resources.ts";
import type { EngineSettings } from "./settings.ts";

/** The stream of positions, wherever it is. */
export interface Positions {
  /** A reader of its own for each who reads. */
  reader(): StreamReader;
  /** Where batches go that are given up. */
  readonly keep: OnFailure;
  /**
   * Makes the stream if it is missing and may be made. Rejects when it is missing, or is another one than it
   * should be.
   */
  prepare(): Promise<void>;
  /** Rejects when the stream can't be asked now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The stream that POSITIONS_STREAM means: one of JetStream, or one of Kinesis. Connects to nothing yet. */
export const positionsOf = (settings: EngineSettings): Positions =>
  isJetStreamAddress(settings.positionsStream) ? jetstreamPositions(settings) : kinesisPositions(settings);

const jetstreamPositions = (settings: EngineSettings): Positions => {
  const { positionsStream, partitions, creates, failedRecordsFolder, secretsFolder } = settings;
  const jetstream = openJetStream(positionsStream, { ...process.env, SECRETS_FOLDER: secretsFolder });
  return {
    reader: () => jetstreamStreamReader(jetstream, { streamArn: arnOfStream(jetstream.streamName) }),
    keep: failedRecordsFolder
      ? keepInFolder(failedRecordsFolder)
      : keepInJetStream(jetStreamFailedObjects(jetstream)),
    async prepare() {
      if (creates) await openPositionsStream(jetstream, { partitionCount: partitions });
      else await describePositionsStream(jetstream);
    },
    async check() {
      await describePositionsStream(jetstream);
    },
    close: () => jetstream.close(),
  };
};

const kinesisPositions = (settings: EngineSettings): Positions => {
  const { positionsStream: streamName, creates, failedRecordsFolder } = settings;
  const client = kinesisClient();
  const describe = async (): Promise<void> => {
    await client.send(new DescribeStreamSummaryCommand({ StreamName: streamName }));
  };
  return {
    reader: () => kinesisStreamReader(client, { streamName, streamArn: arnOfStream(streamName) }),
    keep: keepIn(failedRecordsFolder),
    prepare: () =>
      creates ? createStream(client, streamName, { shards: STREAMS.positions.localShards }) : describe(),
    check: describe,
    close: async () => client.destroy(),
  };
};

const keepIn = (folder: string | undefined): OnFailure => {
  if (folder === undefined)
    throw wrongUse("FAILED_RECORDS_FOLDER is not set: it says where given-up records go");
  return keepInFolder(folder);
};
