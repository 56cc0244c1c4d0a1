import type { Logger } from "@aws-lambda-powertools/logger";
import middy, { type MiddlewareObj } from "@middy/core";
import type {
  Context,
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamRecordPayload,
} from "aws-lambda";
import { compareSequenceNumbers } from "../core/identity/sequence-number.ts";
import type { FunctionDefinition, StreamTrigger } from "./definition.ts";
import { functionLogger } from "./logger.ts";

/** One stream record, out of its envelope. */
export interface StreamRecord {
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly data: Uint8Array;
  /** When it reached the stream, milliseconds since 1970; the same at every redelivery. */
  readonly arrivedAtMs: number;
  /** The stream's ARN. */
  readonly stream: string;
  /**
   * `<shard>:<sequence number>:<arrival>`: the same at every redelivery, and different in a stream that was
   * recreated under the same name and counts from the start again.
   */
  readonly recordId: string;
}

/** What a batch handler reports: the sequence numbers of records that must be delivered again. */
export interface BatchOutcome {
  readonly failedSequenceNumbers: readonly string[];
}

export type BatchHandler = (records: readonly StreamRecord[]) => Promise<BatchOutcome>;

export type StreamFunction = (
  event: KinesisStreamEvent,
  context: Context,
) => Promise<KinesisStreamBatchResponse>;

const arrivedAtMsOf = ({ approximateArrivalTimestamp }: KinesisStreamRecordPayload): number =>
  Math.round(approximateArrivalTimestamp * 1000);

const streamRecordsOf = (event: KinesisStreamEvent): StreamRecord[] =>
  event.Records.map(({ eventID, eventSourceARN, kinesis }) => ({
    partitionKey: kinesis.partitionKey,
    sequenceNumber: kinesis.sequenceNumber,
    data: Buffer.from(kinesis.data, "base64"),
    arrivedAtMs: arrivedAtMsOf(kinesis),
    stream: eventSourceARN,
    recordId: `${eventID}:${arrivedAtMsOf(kinesis)}`,
  }));

/** The service continues from the lowest number reported, so that one comes first. */
const failuresOf = ({ failedSequenceNumbers }: BatchOutcome): KinesisStreamBatchResponse => ({
  batchItemFailures: [...new Set(failedSequenceNumbers)]
    .sort(compareSequenceNumbers)
    .map((itemIdentifier) => ({ itemIdentifier })),
});

const observe = (logger: Logger): MiddlewareObj<KinesisStreamEvent, KinesisStreamBatchResponse> => ({
  after: ({ event, response }) => {
    const records = event.Records.length;
    const failed = response?.batchItemFailures.length ?? 0;
    if (failed > 0) logger.warn("batch", { records, failed });
    else logger.debug("batch", { records, failed });
  },
  onError: ({ event, error }) => {
    logger.error("batch", { records: event.Records.length, error: error as Error });
    throw error;
  },
});

/**
 * Makes the Lambda handler of a function that a Kinesis stream feeds: records out of their envelopes, in
 * order; a partial batch response back. An error that the batch handler throws is thrown: the whole batch is
 * delivered again.
 */
export const streamFunction = (
  definition: FunctionDefinition & { readonly stream: StreamTrigger },
  handleBatch: BatchHandler,
): StreamFunction => {
  const answer = async (event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> =>
    failuresOf(await handleBatch(streamRecordsOf(event)));
  // No early time-out: a batch that takes too long is a failed batch, and the service treats it as one.
  return middy<KinesisStreamEvent, KinesisStreamBatchResponse>(answer, { timeoutEarlyInMillis: 0 }).use(
    observe(functionLogger(definition)),
  );
};
