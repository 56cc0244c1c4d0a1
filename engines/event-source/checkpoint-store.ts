/** How far a partition has been worked off. */
export interface Checkpoint {
  /**
   * Of the stream, milliseconds since 1970: one that was made anew under its name numbers its records from
   * the start.
   */
  readonly streamCreatedAtMs: number;
  /** Every record up to this one is settled; absent while none is. */
  readonly sequenceNumber?: string;
  /** The partition was split or merged, and everything in it is settled: its children may begin. */
  readonly finished: boolean;
}

/** Where the event sources of one function on one stream left off. */
export interface CheckpointStore {
  /** By partition id. Consistent. */
  load(): Promise<ReadonlyMap<string, Checkpoint>>;
  /**
   * Under the token of the partition's lease. Rejects with FencedError when one was saved under a greater
   * token.
   */
  save(partitionId: string, checkpoint: Checkpoint, token: number): Promise<void>;
}

/** Another process has gone on with the partition under a later lease: this one's is lost. */
export class FencedError extends Error {
  override readonly name = "FencedError";
}

export const memoryCheckpointStore = (): CheckpointStore => {
  const saved = new Map<string, { readonly checkpoint: Checkpoint; readonly token: number }>();
  return {
    load: async () => new Map([...saved].map(([partitionId, { checkpoint }]) => [partitionId, checkpoint])),
    save: async (partitionId, checkpoint, token) => {
      if ((saved.get(partitionId)?.token ?? 0) > token) throw fenced(partitionId, token);
      saved.set(partitionId, { checkpoint, token });
    },
  };
};

export const fenced = (partitionId: string, token: number): FencedError =>
  new FencedError(`partition ${partitionId} was taken over: lease token ${token} is no longer the newest`);
