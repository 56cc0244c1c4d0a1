import type { CheckpointStore } from "../../engines/event-source/checkpoint-store.ts";
import type { Place, StreamReader } from "../../engines/event-source/stream-reader.ts";

/** How far a function is behind in one partition. */
export interface PartitionLag {
  readonly partitionId: string;
  /** How long the oldest record that is not settled has been on the stream; 0 when all are. */
  readonly seconds: number;
  /** How many are not settled; undefined where the stream doesn't tell. */
  readonly records?: number;
}

/**
 * Compares the stream itself with the checkpoints, whoever reads it and whether anybody does: so it grows
 * while a function, or the engine, stands still. Rejects when stream or store can't be asked. The reader must
 * be one of its own.
 */
export const partitionLags = async (
  reader: StreamReader,
  checkpoints: CheckpointStore,
  nowMs: number,
): Promise<PartitionLag[]> => {
  const createdAtMs = await reader.createdAtMs();
  const [partitions, saved] = await Promise.all([reader.listPartitions(), checkpoints.load()]);
  const open = partitions.filter(({ partitionId }) => !saved.get(partitionId)?.finished);
  return Promise.all(
    open.map(async ({ partitionId }) => {
      const checkpoint = saved.get(partitionId);
      const isOfStream = checkpoint?.streamCreatedAtMs === createdAtMs;
      const place: Place =
        isOfStream && checkpoint.sequenceNumber !== undefined
          ? { after: checkpoint.sequenceNumber }
          : "oldest";
      const { records: unsettled } = await reader.read(partitionId, place, 1);
      const records = await reader.countFrom?.(partitionId, place);
      const seconds = unsettled[0] ? Math.max(0, nowMs - unsettled[0].arrivedAtMs) / 1_000 : 0;
      return { partitionId, seconds, ...(records !== undefined && { records }) };
    }),
  );
};
