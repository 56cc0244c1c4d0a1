declare module "kinesalite" {
  import type { Server } from "node:http";

  interface Options {
    /** Folder of the LevelDB files; default: in memory. */
    path?: string;
    createStreamMs?: number;
    deleteStreamMs?: number;
    updateStreamMs?: number;
    /** Open shards in all streams together. */
    shardLimit?: number;
  }
  /** A server that is not listening yet; closing it closes its database. */
  export default function kinesalite(options?: Options): Server;
}

declare module "kinesalite/db/index.js" {
  interface StreamDescription {
    readonly Shards: readonly { readonly ShardId: string }[];
    readonly RetentionPeriodHours: number;
  }
  type Callback<Value> = (error: Error | null, value?: Value) => void;

  interface KinesaliteDatabase {
    createReadStream(options: object): AsyncIterable<{ readonly key: string; readonly value: string }>;
    createKeyStream(options: object): AsyncIterable<string>;
    batch(
      operations: readonly { type: "del"; key: string }[],
      callback: (error?: Error | null) => void,
    ): void;
  }
  export interface KinesaliteStore {
    getStream: (name: string, callback: Callback<StreamDescription>) => void;
    getStreamDb(name: string): KinesaliteDatabase;
  }
  const database: {
    create: (options: object) => KinesaliteStore;
    shardIxToHex(index: number): string;
  };
  export default database;
}
