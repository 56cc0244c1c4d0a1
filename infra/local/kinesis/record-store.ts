import type { Server } from "node:http";
import kinesalite from "kinesalite";
import database, { type KinesaliteStore } from "kinesalite/db/index.js";

/*
 * kinesalite drops a record by its age alone, while somebody reads, whether or not it was ever read. Here
 * nothing is dropped by age: the store is managed from outside, and only what every reader has read may go,
 * by its size.
 */

export interface StoredRecord {
  readonly key: string;
  /** Key and JSON as stored, plus what else a record takes in memory. */
  readonly bytes: number;
}

/** The stored records of streams, by keys that sort like the sequence numbers. */
export interface RecordStore {
  shardIds(streamName: string): Promise<string[]>;
  /** The key of a record of a shard. */
  key(shardId: string, sequenceNumber: string): string;
  /** A shard's records after a key, in order; all without one. */
  after(streamName: string, shardId: string, key?: string): AsyncIterable<StoredRecord>;
  /** Removes a shard's records up to a key, that one included. */
  removeUpTo(streamName: string, shardId: string, key: string): Promise<void>;
}

type Options = NonNullable<Parameters<typeof kinesalite>[0]>;

/** Measured: a record of one position, 400 bytes as stored, takes 1.5 KB. */
const OVERHEAD_BYTES = 1_000;

/** Longer than any data folder lives, so that kinesalite never leaves out a record because of its age. */
const RETENTION_HOURS = 1_000_000;

/** kinesalite and its private store: it calls `create` of the store's module once, while it starts. */
export const openKinesalite = (options: Options): { engine: Server; records: RecordStore } => {
  const { create } = database;
  let store: KinesaliteStore | undefined;
  database.create = (given) => {
    const made = create(given);
    const { getStream } = made;
    made.getStream = (name, callback) =>
      getStream(name, (error, stream) =>
        callback(error, stream && { ...stream, RetentionPeriodHours: RETENTION_HOURS }),
      );
    store ??= made;
    return made;
  };
  try {
    const engine = kinesalite(options);
    if (!store) throw new Error("this version of kinesalite creates its store differently");
    return { engine, records: recordStoreOf(store) };
  } finally {
    database.create = create;
  }
};

const indexOf = (shardId: string): number => Number(shardId.split("-")[1]);

const recordStoreOf = (store: KinesaliteStore): RecordStore => {
  const firstKey = (shardId: string): string => `${database.shardIxToHex(indexOf(shardId))}/`;
  return {
    shardIds: (streamName) =>
      new Promise((resolve, reject) =>
        store.getStream(streamName, (error, stream) =>
          stream ? resolve(stream.Shards.map(({ ShardId }) => ShardId)) : reject(error),
        ),
      ),
    key: (shardId, sequenceNumber) => `${database.shardIxToHex(indexOf(shardId))}/${sequenceNumber}`,
    async *after(streamName, shardId, after) {
      const from = after === undefined ? { gte: firstKey(shardId) } : { gt: after };
      const range = { ...from, lt: database.shardIxToHex(indexOf(shardId) + 1) };
      const stream = store.getStreamDb(streamName).createReadStream({ ...range, valueEncoding: "utf8" });
      for await (const { key, value } of stream)
        yield { key, bytes: key.length + value.length + OVERHEAD_BYTES };
    },
    async removeUpTo(streamName, shardId, key) {
      const streamDb = store.getStreamDb(streamName);
      const range = { gte: firstKey(shardId), lte: key };
      const operations: { type: "del"; key: string }[] = [];
      for await (const each of streamDb.createKeyStream(range)) operations.push({ type: "del", key: each });
      await new Promise<void>((resolve, reject) =>
        streamDb.batch(operations, (error) => (error ? reject(error) : resolve())),
      );
    },
  };
};
