import type { Clock, Sleep } from "../../lib/core/clock.ts";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { backoffMilliseconds } from "./backoff.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";
import type { OnFailure } from "./on-failure.ts";
import { consumeShard } from "./partition-consumer.ts";
import type { StreamReader } from "./stream-reader.ts";

/*
 * The event-source poller: feeds a function from a Kinesis stream, as an AWS event source mapping does. It promises:
 *
 * - Every record is delivered at least once, from the oldest that the stream has (TRIM_HORIZON), and ends up either succeeded or, whole, in the on-failure
 *   destination; the checkpoint passes it only then. After a crash, delivery goes on from the checkpoint.
 * - Records of one partition key are delivered in order, one batch at a time, across retries, parallel lanes, splits and merges of shards.
 * - batchSize, maximumBatchingWindowSeconds, parallelizationFactor, maximumRetryAttempts, maximumRecordAgeSeconds (-1 in the last two
 *   means without limit), bisectBatchOnFunctionError and partial batch responses (always on) mean what they mean on AWS.
 *
 * It does not filter, tumble windows or hold leases: one poller runs per function and stream. Where AWS differs: it sends the
 * destination only the records' place in the stream.
 */

export interface EventSourceOptions {
  readonly functionName: string;
  readonly trigger: StreamTrigger;
  readonly reader: StreamReader;
  readonly checkpoints: CheckpointStore;
  readonly invoke: Invoke;
  readonly onFailure: OnFailure;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /**
   * How long after a poll that found less than a batch the next one comes; by default a second, as Lambda does it, so that batches
   * gather by themselves.
   */
  readonly pollMilliseconds?: number;
  /** How often to look for new shards; 5 s unless told. The children of a shard that ended are looked for at once. */
  readonly discoveryMilliseconds?: number;
  /** Told of what goes wrong with the stream (never with the function); it is tried again for ever. */
  readonly onError?: (message: string, error: unknown) => void;
}

export interface EventSource {
  /**
   * Starts no further call, lets those in flight end and saves the checkpoints. Calls that are still running after the
   * deadline are cut; their records will be delivered again.
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
  const stopping = new AbortController();
  const aborting = new AbortController();
  const running = coordinate(options, stopping.signal, aborting.signal);
  return {
    async close(deadlineMilliseconds = CLOSE_MILLISECONDS) {
      stopping.abort(new Error("the event source is closing"));
      const cut = setTimeout(
        () => aborting.abort(new Error("the event source was closed")),
        deadlineMilliseconds,
      );
      // A destination or a table that hangs can't be cut; what they were to keep is still in the stream.
      const patience = new AbortController();
      const leave = options.sleep(deadlineMilliseconds + CUT_MILLISECONDS, patience.signal).catch(() => {});
      await Promise.race([running, leave]);
      clearTimeout(cut);
      patience.abort();
    },
  };
};

/** Keeps a consumer running for every shard whose parents are done, until stopped. */
const coordinate = async (
  options: EventSourceOptions,
  stopping: AbortSignal,
  aborting: AbortSignal,
): Promise<void> => {
  const { checkpoints, reader, sleep } = options;
  const discoveryMilliseconds = options.discoveryMilliseconds ?? DISCOVERY_MILLISECONDS;
  const onError = options.onError ?? (() => {});
  const consumers = new Map<string, Promise<void>>();
  const finished = new Set<string>();
  let shardEnded = new AbortController();
  let streamGone = new AbortController();
  let streamCreatedAtMs: number | undefined;

  const consume = async (shardId: string, checkpoint: Checkpoint): Promise<void> => {
    const ended = await consumeShard({
      ...options,
      streamArn: reader.streamArn,
      pollMilliseconds: options.pollMilliseconds ?? POLL_MILLISECONDS,
      onReadError: (shard, error) => onError(`reading ${shard} failed`, error),
      shardId,
      checkpoint,
      streamGone: streamGone.signal,
      stopping,
      aborting,
    });
    if (!ended) return;
    finished.add(shardId);
    shardEnded.abort();
  };

  for (let failures = 0; !stopping.aborted; ) {
    shardEnded = new AbortController();
    let waitMs = discoveryMilliseconds;
    try {
      const createdAtMs = await reader.createdAtMs();
      if (streamCreatedAtMs !== undefined && streamCreatedAtMs !== createdAtMs) {
        // A stream of the same name, with shards of the same names: all begins anew, behind what was read of the old one.
        streamGone.abort();
        await Promise.all(consumers.values());
        consumers.clear();
        finished.clear();
        streamGone = new AbortController();
      }
      streamCreatedAtMs = createdAtMs;
      const shards = await reader.listShards();
      const listed = new Set(shards.map(({ shardId }) => shardId));
      const saved = new Map(
        [...(await checkpoints.load())].filter(([, saved]) => saved.streamCreatedAtMs === createdAtMs),
      );
      for (const [shardId, checkpoint] of saved) if (checkpoint.finished) finished.add(shardId);
      // A parent that the stream has dropped holds nothing any more that could come before its children.
      const isDone = (parent: string) => finished.has(parent) || !listed.has(parent);
      for (const { shardId, parentShardIds } of shards) {
        if (consumers.has(shardId) || finished.has(shardId) || !parentShardIds.every(isDone)) continue;
        consumers.set(
          shardId,
          consume(shardId, saved.get(shardId) ?? { streamCreatedAtMs: createdAtMs, finished: false }),
        );
      }
      failures = 0;
    } catch (error) {
      onError("looking for shards failed", error);
      waitMs = backoffMilliseconds(++failures, discoveryMilliseconds);
    }
    await sleep(waitMs, AbortSignal.any([stopping, shardEnded.signal])).catch(() => {});
  }
  await Promise.all(consumers.values());
};
