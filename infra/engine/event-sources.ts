import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { CheckpointStore } from "../../engines/event-source/checkpoint-store.ts";
import { dynamodbCheckpointStore } from "../../engines/event-source/dynamodb-checkpoint-store.ts";
import { type EventSource, startEventSource } from "../../engines/event-source/event-source.ts";
import type { OnFailure } from "../../engines/event-source/on-failure.ts";
import type { StreamReader } from "../../engines/event-source/stream-reader.ts";
import type { Invoke } from "../../engines/functions/invoke-function.ts";
import type { Sharing } from "../../engines/lease/one-at-a-time.ts";
import { MANIFEST } from "../../functions/manifest.ts";
import { sleep } from "../../lib/adapters/sleep.ts";
import type { StreamName } from "../../lib/resources/stream.ts";
import { engineTableName } from "./tables.ts";

export interface EventSourcesOptions {
  /** One for each function that the stream feeds. */
  readonly readerOf: (stream: StreamName) => StreamReader;
  readonly dynamodb: DynamoDBClient;
  /** Before the name of every table; none by default. */
  readonly tablePrefix?: string;
  readonly sharing: Sharing;
  readonly invoke: Invoke;
  /** Receives what a function could not take in the end. */
  readonly keep: OnFailure;
  /** How many calls may perhaps have run before a record is given up. */
  readonly maximumUncertainCalls?: number;
  readonly say: (line: string) => void;
}

/** A poller and its place on the stream. */
export interface StreamReading {
  readonly functionName: string;
  readonly source: EventSource;
  readonly stream: StreamName;
  readonly checkpoints: CheckpointStore;
  readonly streamCreatedAtMs: () => Promise<number>;
}

/**
 * Starts one poller for each function that a stream feeds. What a function could not take in the end is kept,
 * whole.
 */
export const startEventSources = ({
  readerOf,
  dynamodb,
  tablePrefix,
  sharing,
  invoke,
  keep,
  maximumUncertainCalls,
  say,
}: EventSourcesOptions): StreamReading[] => {
  const onFailure: OnFailure = async (batch) => {
    await keep(batch);
    const { functionName, condition, reason, records } = batch;
    say(
      `${functionName} gave up ${records.length} records (${condition}: ${reason}); npm run redrive puts them back`,
    );
  };
  return MANIFEST.flatMap(({ name: functionName, stream: trigger }) => {
    if (!trigger) return [];
    const reader = readerOf(trigger.stream);
    const checkpoints = dynamodbCheckpointStore(dynamodb, {
      tableName: engineTableName("event-source-checkpoints", tablePrefix),
      functionName,
      streamArn: reader.streamArn,
    });
    const eventSource = startEventSource({
      functionName,
      trigger,
      reader,
      checkpoints,
      sharing,
      invoke,
      onFailure,
      maximumUncertainCalls,
      clock: Date.now,
      sleep,
      onError: (message, error) => say(`${functionName}: ${message}: ${error}`),
    });
    const { createdAtMs } = reader;
    return {
      functionName,
      source: eventSource,
      stream: trigger.stream,
      checkpoints,
      streamCreatedAtMs: createdAtMs,
    };
  });
};
