import type { Checkpoint, CheckpointStore } from "../../../engines/event-source/checkpoint-store.ts";
import { compareSequenceNumbers } from "../../../lib/core/identity/sequence-number.ts";
import type { SettledUpTo, StreamTrimmer } from "../kinesis/trim-stream.ts";

/** For `npm run tail` and for late consumers: about 8 minutes of a hundred devices at 1 Hz. */
export const KEEP_READ_BYTES = 64 * 1024 * 1024;

/** What every reader of a stream has settled, by the given checkpoints. */
export const settledByAll = (
  readers: readonly ReadonlyMap<string, Checkpoint>[],
  streamCreatedAtMs: number,
): SettledUpTo => {
  const settled = new Map<string, string>();
  const [first, ...others] = readers;
  for (const partitionId of first?.keys() ?? []) {
    const places = [first, ...others].map((reader) => {
      const checkpoint = reader.get(partitionId);
      // A checkpoint of an earlier stream with the same name says nothing about this one.
      return checkpoint?.streamCreatedAtMs === streamCreatedAtMs ? checkpoint.sequenceNumber : undefined;
    });
    const slowest = places.reduce((one, other) => (isBefore(other, one) ? other : one));
    if (slowest !== undefined) settled.set(partitionId, slowest);
  }
  return settled;
};

/** Absent comes before all. */
const isBefore = (one: string | undefined, other: string | undefined): boolean => {
  if (one === undefined || other === undefined) return one === undefined;
  return compareSequenceNumbers(one, other) < 0;
};

export interface KeepSmallOptions {
  readonly trimmer: StreamTrimmer;
  readonly readers: readonly CheckpointStore[];
  /** Absent while the stream does not answer. */
  readonly streamCreatedAtMs: () => Promise<number>;
  readonly onError: (error: unknown) => void;
}

const EVERY_MILLISECONDS = 5_000;

/** Trims the stream to what its readers need, every few seconds until it is stopped. */
export const keepStreamSmall = ({
  trimmer,
  readers,
  streamCreatedAtMs,
  onError,
}: KeepSmallOptions): { stop(): Promise<void> } => {
  let sweeping: Promise<void> | undefined;
  const sweep = async (): Promise<void> => {
    try {
      const createdAtMs = await streamCreatedAtMs();
      const checkpoints = await Promise.all(readers.map((reader) => reader.load()));
      await trimmer.trim(settledByAll(checkpoints, createdAtMs));
    } catch (error) {
      onError(error);
    }
  };
  const timer = setInterval(() => {
    sweeping ??= sweep().finally(() => {
      sweeping = undefined;
    });
  }, EVERY_MILLISECONDS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await sweeping;
    },
  };
};
