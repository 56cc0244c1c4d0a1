import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { kinesisStreamReader } from "../../../engines/event-source/kinesis-stream-reader.ts";
import { sleep } from "../../../lib/adapters/sleep.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { type StreamReading, startEventSources } from "../../engine/event-sources.ts";
import { startInbox } from "../../engine/inbox.ts";
import { keepInFolder } from "../../engine/keep-failed-batch.ts";
import { ownLeases } from "../../engine/leases.ts";
import { streamArn, streamName } from "../../engine/names.ts";
import { startSchedules } from "../../engine/schedules.ts";
import { startWorkflows } from "../../engine/workflows.ts";
import { toldOfPuts } from "../kinesis/put-signal.ts";
import type { RecordStore } from "../kinesis/record-store.ts";
import type { RunningKinesis } from "../kinesis/server.ts";
import { streamTrimmer } from "../kinesis/trim-stream.ts";
import { invokeOn } from "./functions.ts";
import { keepStreamSmall } from "./keep-stream-small.ts";
import type { StackAddress } from "./stack-file.ts";

interface TriggerOptions {
  readonly address: StackAddress;
  readonly ports: { readonly stepFunctions: number; readonly scheduler: number };
  readonly stream: Pick<RunningKinesis, "records" | "puts">;
  readonly keepReadBytes: number;
  readonly say: (line: string) => void;
}

/**
 * What calls the functions: pollers, workflows, schedules and files. They resume work from the data folder,
 * so the functions must run.
 */
export const startTriggers = async (
  { address, ports, stream: { records, puts }, keepReadBytes, say }: TriggerOptions,
  cleanUp: AsyncDisposableStack,
): Promise<void> => {
  const { invoke, close } = invokeOn(address);
  const kinesis = new KinesisClient(localClientSettings(address.kinesisEndpoint, address.credentials));
  const dynamodb = new DynamoDBClient(localClientSettings(address.dynamodbEndpoint, address.credentials));
  cleanUp.defer(() => {
    close();
    kinesis.destroy();
    dynamodb.destroy();
  });
  const port = ports.stepFunctions;
  const { accessKeyId } = address.credentials;
  const sharing = ownLeases(dynamodb);
  const workflows = await startWorkflows({ port, accessKeyId, dynamodb, sharing, invoke, say });
  cleanUp.defer(() => workflows.close());
  const schedules = await startSchedules({
    port: ports.scheduler,
    accessKeyId,
    dynamodb,
    sharing,
    invoke,
    say,
  });
  const readings = startEventSources({
    readerOf: (stream) => {
      const names = { streamName: streamName(stream), streamArn: streamArn(stream) };
      return toldOfPuts(kinesisStreamReader(kinesis, names), puts, sleep);
    },
    dynamodb,
    sharing,
    invoke,
    keep: keepInFolder(address.failedRecordsFolder),
    say,
  });
  const trimming = startTrimming(readings, records, keepReadBytes, say);
  const inbox = startInbox({ folder: address.inboxFolder, sharing, invoke, say });
  cleanUp.defer(async () => {
    await Promise.all([
      inbox.close(),
      schedules.close(),
      ...trimming.map((each) => each.stop()),
      ...readings.map(({ source }) => source.close(CLOSE_MILLISECONDS)),
    ]);
  });
};

/** Each stream is kept as small as its slowest reader allows. */
const startTrimming = (
  readings: readonly StreamReading[],
  records: RecordStore,
  keepReadBytes: number,
  say: (line: string) => void,
) =>
  [...Map.groupBy(readings, ({ stream }) => stream)].map(([stream, readers]) =>
    keepStreamSmall({
      trimmer: streamTrimmer(records, streamName(stream), keepReadBytes),
      readers: readers.map(({ checkpoints }) => checkpoints),
      streamCreatedAtMs: readers[0].streamCreatedAtMs,
      onError: (error) => say(`stream ${stream} could not be trimmed, trying again soon: ${error}`),
    }),
  );

/** A batch in progress may finish; one that takes longer is delivered again by the next stack. */
const CLOSE_MILLISECONDS = 300;
