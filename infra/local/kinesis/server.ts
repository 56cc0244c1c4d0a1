import { mkdirSync } from "node:fs";
import kinesalite from "kinesalite";
import { answerWith, serveEngine } from "../embedded-engine.ts";
import type { RunningServer } from "../http-server.ts";
import { answerAtTimestamp } from "./at-timestamp.ts";
import { keepExpiring } from "./expire-records.ts";

/*
 * Kinesis for one machine: kinesalite behind a front that speaks HTTP/2 (the SDK's Kinesis client accepts nothing else) and
 * HTTP/1.1 (curl, the AWS CLI). In memory, or in LevelDB files that survive kill -9. It does not throttle, has no enhanced
 * fan-out and no ChildShards in GetRecords; ListShards gives the parents.
 */

export interface StartKinesisOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Folder for the data, made when absent; memory without one. */
  readonly path?: string;
}

/** kinesalite refuses more open shards than this; AWS's default would be in the way of no test and of no laptop. */
const SHARD_LIMIT = 500;
/** How long a stream stays in CREATING or UPDATING: only so long that the state exists. */
const TRANSITION_MILLISECONDS = 1;

export const startKinesis = async (options: StartKinesisOptions = {}): Promise<RunningServer> => {
  if (options.path) mkdirSync(options.path, { recursive: true });
  const engine = kinesalite({
    path: options.path,
    createStreamMs: TRANSITION_MILLISECONDS,
    deleteStreamMs: TRANSITION_MILLISECONDS,
    updateStreamMs: TRANSITION_MILLISECONDS,
    shardLimit: SHARD_LIMIT,
  });
  const server = await serveEngine(engine, answerAtTimestamp(answerWith(engine)), { port: options.port });
  const expiring = keepExpiring(server.endpoint);
  return {
    endpoint: server.endpoint,
    close: () => {
      expiring.stop();
      return server.close();
    },
  };
};
