import type { Clock, Sleep } from "../../lib/core/clock.ts";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import type { Sharing } from "../lease/one-at-a-time.ts";
import { type LeasedWork, shareLeases } from "../lease/share-leases.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import type { OnFailure } from "./on-failure.ts";
import { consumePartition } from "./partition-consumer.ts";
import { StreamPartitions } from "./stream-partitions.ts";
import type { StreamReader } from "./stream-reader.ts";

/*
 * Feeds a function from a stream, as an AWS event source mapping does. It promises:
 *
 * - Every record is delivered at least once, from the oldest that the stream has (TRIM_HORIZON), and ends up
 *   either succeeded or, whole, in the on-failure destination; the checkpoint passes it only then. After a
 *   crash, delivery goes on from the checkpoint.
 * - Records of one partition key are delivered in order, one batch at a time, across retries, parallel lanes,
 *   splits and merges.
 * - batchSize, maximumBatchingWindowSeconds, parallelizationFactor, maximumRetryAttempts,
 *   maximumRecordAgeSeconds (-1 in the last two means without limit), bisectBatchOnFunctionError and partial
 *   batch responses (always on) mean what they mean on AWS.
 * - Several processes share the partitions by lease, and go on within seconds with those of one that is
 *   killed. While leases are kept, no partition is delivered by two at once. A process that was paused may
 *   deliver once more what another has taken over, as a redelivery: safety is the functions' own, as with
 *   every redelivery, and never the lease's.
 *
 * It does not filter or tumble windows. Where AWS differs: it sends the destination only the records' place
 * in the stream.
 */

export interface EventSourceOptions {
  readonly functionName: string;
  readonly trigger: StreamTrigger;
  readonly reader: StreamReader;
  readonly checkpoints: CheckpointStore;
  readonly sharing: Sharing;
  readonly invoke: Invoke;
  readonly onFailure: OnFailure;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /**
   * How long after a poll that found less than a batch the next one comes; by default a second, as Lambda
   * does it, so that batches gather by themselves.
   */
  readonly pollMilliseconds?: number;
  /** See DeliveryContext. */
  readonly maximumUncertainCalls?: number;
  /**
   * How often to look for new partitions; 5 s by default. The children of one that ended here are looked for
   * at once.
   */
  readonly discoveryMilliseconds?: number;
  /** Told of what goes wrong with the stream (never with the function); it is tried again for ever. */
  readonly onError?: (message: string, error: unknown) => void;
}

export interface EventSource {
  /** The partitions that this process reads now. */
  held(): readonly string[];
  /**
   * Starts no further call, lets those in flight end, saves the checkpoints and frees the leases. Calls that
   * are still running after the deadline are cut; their records will be delivered again.
   */
  close(deadlineMilliseconds?: number): Promise<void>;
}

const POLL_MILLISECONDS = 1_000;
const DISCOVERY_MILLISECONDS = 5_000;
const CLOSE_MILLISECONDS = 1_500;
/** What the calls that are cut may take to end. */
const CUT_MILLISECONDS = 250;

/** Starts polling. Nothing rejects later: what goes wrong is told to `onError` and tried again. */
export const startEventSource = (options: EventSourceOptions): EventSource => {
  const { checkpoints, functionName, reader, sharing, sleep } = options;
  const onError = options.onError ?? (() => {});
  const stopping = new AbortController();
  const aborting = new AbortController();

  const consume = async (leased: LeasedWork): Promise<void> => {
    const begun = await partitions.begin(leased.name);
    if (!begun) return;
    const hasEnded = await consumePartition({
      ...options,
      ...begun,
      partitionId: leased.name,
      token: leased.token,
      streamArn: reader.streamArn,
      pollMilliseconds: options.pollMilliseconds ?? POLL_MILLISECONDS,
      onReadError: (partitionId, error) => onError(`reading ${partitionId} failed`, error),
      onFenced: () => leased.lose("a later lease has saved a checkpoint"),
      stopping: leased.stopping,
      aborting: AbortSignal.any([aborting.signal, leased.lost]),
    });
    if (hasEnded) partitions.finish(leased.name);
  };
  const partitions = new StreamPartitions({
    reader,
    checkpoints,
    sleep,
    discoveryMilliseconds: options.discoveryMilliseconds ?? DISCOVERY_MILLISECONDS,
    onChange: () => share.wake(),
    onError,
  });
  const share = shareLeases({
    ...sharing,
    group: `${functionName} ${reader.streamArn}`,
    names: () => partitions.open(),
    work: (leased) => partitions.working(consume(leased)),
    sleep,
    onError,
  });
  const looking = partitions.keepLooking(stopping.signal);

  return {
    held: () => share.held(),
    async close(deadlineMilliseconds = CLOSE_MILLISECONDS) {
      stopping.abort(new Error("the event source is closing"));
      const closed = Promise.all([share.close(), looking]);
      const patience = new AbortController();
      const passed = async (milliseconds: number): Promise<boolean> => {
        const late = sleep(milliseconds, patience.signal).then(
          () => true,
          () => false,
        );
        return Promise.race([late, closed.then(() => false)]);
      };
      if (await passed(deadlineMilliseconds)) {
        aborting.abort(new Error("the event source was closed"));
        // A destination or a table that hangs can't be cut; what they were to keep is still in the stream.
        await passed(CUT_MILLISECONDS);
      }
      patience.abort();
    },
  };
};
