import { Duration } from "aws-cdk-lib";
import type { Stream } from "aws-cdk-lib/aws-kinesis";
import { type IEventSourceDlq, MetricType, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { KinesisEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { STREAMS } from "../../lib/resources/stream.ts";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import { type BacktrackFunction, parallelizationOf } from "./function.ts";
import type { Settings } from "./settings.ts";
import type { Storage } from "./storage.ts";

/** A function that a stream feeds. */
export interface FedFunction {
  readonly fn: BacktrackFunction;
  readonly trigger: StreamTrigger;
  readonly stream: Stream;
  /** How long the stream keeps what nobody has read. */
  readonly retentionHours: number;
  /** How long a batch gathers at most. */
  readonly windowSeconds: number;
  /** The event source mapping's UUID: the dimension of its metrics. */
  readonly mappingId: string;
}

/**
 * Feeds the function from the stream that its definition names; `onFailure` gets the records that it gives
 * up.
 */
export const feedFromStream = (
  fn: BacktrackFunction,
  trigger: StreamTrigger,
  storage: Storage,
  onFailure: IEventSourceDlq,
  settings: Settings,
): FedFunction => {
  const { stateWindowSeconds, streamRetentionHours } = settings;
  const gathering = gatheringOf(trigger, stateWindowSeconds);
  const stream = storage.streams[trigger.stream];
  const source = new KinesisEventSource(stream, {
    // The oldest that the stream still has: what came before the function did is not lost.
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: gathering.batchSize,
    maxBatchingWindow: Duration.seconds(gathering.maximumBatchingWindowSeconds),
    parallelizationFactor: parallelizationOf(trigger, settings),
    retryAttempts: trigger.maximumRetryAttempts,
    maxRecordAge: Duration.seconds(trigger.maximumRecordAgeSeconds),
    bisectBatchOnError: trigger.bisectBatchOnFunctionError,
    reportBatchItemFailures: true,
    onFailure,
    metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
  });
  fn.entry.addEventSource(source);
  return {
    fn,
    trigger,
    stream,
    retentionHours: streamRetentionHours ?? STREAMS[trigger.stream].retentionHours,
    windowSeconds: gathering.maximumBatchingWindowSeconds,
    mappingId: source.eventSourceMappingId,
  };
};

/** The most that Lambda gathers into one batch; its 6 MB come first where records are large. */
const LARGEST_BATCH = 10_000;

/**
 * How batches gather. A window that a full batch would cut short saves nothing, so with one the batch is as
 * large as it can be.
 */
const gatheringOf = (
  trigger: StreamTrigger,
  stateWindowSeconds: number,
): Pick<StreamTrigger, "batchSize" | "maximumBatchingWindowSeconds"> =>
  stateWindowSeconds > trigger.maximumBatchingWindowSeconds
    ? { batchSize: LARGEST_BATCH, maximumBatchingWindowSeconds: stateWindowSeconds }
    : trigger;
