import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { MANIFEST } from "../../../functions/manifest.ts";
import { dynamoQuarantineStore } from "../../../lib/adapters/dynamodb/quarantine-store.ts";
import { sleep } from "../../../lib/adapters/sleep.ts";
import type { QuarantineStore } from "../../../lib/core/quarantine/quarantine.ts";
import { dynamodbCheckpointStore } from "../event-source/dynamodb-checkpoint-store.ts";
import { type EventSource, startEventSource } from "../event-source/event-source.ts";
import { kinesisStreamReader } from "../event-source/kinesis-stream-reader.ts";
import type { OnFailure } from "../event-source/on-failure.ts";
import type { Invoke } from "../invoke-function.ts";
import { streamArn, streamName, tableName } from "../names.ts";

/** The pollers' own table; no function reads it. */
export const CHECKPOINTS_TABLE_NAME = "event-source-checkpoints";

export interface EventSourcesOptions {
  readonly kinesis: KinesisClient;
  readonly dynamodb: DynamoDBClient;
  readonly invoke: Invoke;
  readonly say: (line: string) => void;
}

/** Starts one poller for each function that a stream feeds. What a function can't take in the end goes to quarantine, whole. */
export const startEventSources = ({ kinesis, dynamodb, invoke, say }: EventSourcesOptions): EventSource[] => {
  const onFailure = toQuarantine(dynamoQuarantineStore(dynamodb, tableName("quarantine")));
  return MANIFEST.flatMap(({ name: functionName, stream: trigger }) => {
    if (!trigger) return [];
    const source = { streamName: streamName(trigger.stream), streamArn: streamArn(trigger.stream) };
    return startEventSource({
      functionName,
      trigger,
      reader: kinesisStreamReader(kinesis, source),
      checkpoints: dynamodbCheckpointStore(dynamodb, {
        tableName: CHECKPOINTS_TABLE_NAME,
        functionName,
        streamArn: source.streamArn,
      }),
      invoke,
      onFailure,
      clock: Date.now,
      sleep,
      onError: (message, error) => say(`${functionName}: ${message}: ${error}`),
    });
  });
};

const toQuarantine =
  (quarantine: QuarantineStore): OnFailure =>
  async ({ functionName, streamArn: stream, shardId, condition, reason, records }) => {
    for (const { sequenceNumber, partitionKey, arrivedAtMs, data } of records) {
      await quarantine.put({
        recordId: `${shardId}:${sequenceNumber}`,
        stream,
        partitionKey,
        arrivedAtMs,
        reason: `${functionName} failed (${condition}): ${reason}`,
        problems: [],
        data,
      });
    }
  };
