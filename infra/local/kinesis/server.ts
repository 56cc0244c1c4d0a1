import { mkdirSync } from "node:fs";
import { answerWith, serveEngine } from "../../../engines/server/embedded-engine.ts";
import type { RunningServer } from "../../../engines/server/http-server.ts";
import { answerAtTimestamp } from "./at-timestamp.ts";
import { PutSignal } from "./put-signal.ts";
import { openKinesalite, type RecordStore } from "./record-store.ts";

/*
 * Kinesis for one machine: kinesalite behind a front that speaks HTTP/2 (the SDK's Kinesis client accepts
 * nothing else) and HTTP/1.1 (curl, the AWS CLI). In memory, or in LevelDB files that survive kill -9. It
 * does not throttle, has no enhanced fan-out and no ChildShards in GetRecords; ListShards gives the parents.
 */

export interface StartKinesisOptions {
  /** 0, the default, picks any free port. */
  readonly port?: number;
  /** Folder for the data, created if absent; default: in memory. */
  readonly path?: string;
  /** Requests that do not name it are refused; if absent, everybody is served. */
  readonly accessKeyId?: string;
}

/** kinesalite refuses more open shards than this; no test and no laptop needs more. */
const SHARD_LIMIT = 500;
/** How long a stream stays in CREATING or UPDATING: just long enough for the state to exist. */
const TRANSITION_MILLISECONDS = 1;

export interface RunningKinesis extends RunningServer {
  /** Its contents, which no request can remove. */
  readonly records: RecordStore;
  /** Tells of what is put. */
  readonly puts: PutSignal;
}

export const startKinesis = async (options: StartKinesisOptions = {}): Promise<RunningKinesis> => {
  if (options.path) mkdirSync(options.path, { recursive: true });
  const { engine, records } = openKinesalite({
    path: options.path,
    createStreamMs: TRANSITION_MILLISECONDS,
    deleteStreamMs: TRANSITION_MILLISECONDS,
    updateStreamMs: TRANSITION_MILLISECONDS,
    shardLimit: SHARD_LIMIT,
  });
  const puts = new PutSignal();
  const answer = puts.watch(answerAtTimestamp(answerWith(engine)));
  const { port, accessKeyId } = options;
  const server = await serveEngine(engine, answer, { port, accessKeyId });
  return { ...server, records, puts };
};
