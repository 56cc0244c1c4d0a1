/** How far a shard has been worked off. */
export interface Checkpoint {
  /** Of the stream, milliseconds since 1970: one that was made anew under its name numbers its records from the start. */
  readonly streamCreatedAtMs: number;
  /** Every record up to this one is settled; absent while none is. */
  readonly sequenceNumber?: string;
  /** The shard was split or merged, and everything in it is settled: its children may begin. */
  readonly finished: boolean;
}

/** Where a poller left off, for one function on one stream. One poller writes it; there are no leases. */
export interface CheckpointStore {
  /** By shard id. */
  load(): Promise<ReadonlyMap<string, Checkpoint>>;
  save(shardId: string, checkpoint: Checkpoint): Promise<void>;
}

export const memoryCheckpointStore = (): CheckpointStore => {
  const checkpoints = new Map<string, Checkpoint>();
  return {
    load: async () => new Map(checkpoints),
    save: async (shardId, checkpoint) => {
      checkpoints.set(shardId, checkpoint);
    },
  };
};
