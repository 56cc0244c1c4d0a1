declare module "kinesalite" {
  import type { Server } from "node:http";

  interface Options {
    /** Folder of the LevelDB files; memory without one. */
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
