import { mkdirSync } from "node:fs";
import dynalite from "dynalite";
import { answerWith, serveEngine } from "../../../engines/server/embedded-engine.ts";
import type { RunningServer } from "../../../engines/server/http-server.ts";

/*
 * DynamoDB for one machine: dynalite, in memory or in LevelDB files that survive kill -9. Single-item
 * conditional writes, queries, scans and batches; no transactions, streams, PartiQL or time to live (readers
 * must treat an expired item as gone, as they must on AWS, where it stays for up to days).
 */

export interface StartDynamodbOptions {
  /** 0, the default, picks any free port. */
  readonly port?: number;
  /** Folder for the data, created if absent; default: in memory. */
  readonly path?: string;
  /** Requests that do not name it are refused; if absent, everybody is served. */
  readonly accessKeyId?: string;
}

/** How long a table stays in CREATING or DELETING: just long enough for the state to exist. */
const TRANSITION_MILLISECONDS = 1;

export const startDynamodb = async (options: StartDynamodbOptions = {}): Promise<RunningServer> => {
  if (options.path) mkdirSync(options.path, { recursive: true });
  const engine = dynalite({
    path: options.path,
    createTableMs: TRANSITION_MILLISECONDS,
    deleteTableMs: TRANSITION_MILLISECONDS,
    updateTableMs: TRANSITION_MILLISECONDS,
  });
  return serveEngine(engine, answerWith(engine), { port: options.port, accessKeyId: options.accessKeyId });
};
