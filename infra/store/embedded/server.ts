import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import dynalite from "dynalite";
import { answerWith, serveEngine } from "../../../engines/server/embedded-engine.ts";
import type {
  Answer,
  EngineResponse,
  RunningServer,
  ServeOptions,
} from "../../../engines/server/http-server.ts";

/*
 * DynamoDB for one machine: dynalite, in memory or in LevelDB files that survive kill -9. Single-item
 * conditional writes, queries, scans and batches; no transactions, streams, PartiQL or time to live (readers
 * must treat an expired item as gone, as they must on AWS, where it stays for up to days). Every write is
 * handed to the system before it is acknowledged, and the system writes it to the disk later.
 */

export interface StartDynamodbOptions extends Pick<ServeOptions, "host" | "port" | "accessKeyId" | "guard"> {
  /** Folder for the data, created if absent; default: in memory. */
  readonly path?: string;
}

/** Answers GET with 200 while the tables can be read, else with 503. */
export const HEALTH_PATH = "/healthz";

/** The database has answered: there is no such table. */
const isFound = ({ status, body }: EngineResponse): boolean =>
  status === 400 && `${body}`.includes("ResourceNotFoundException");

/** How long a table stays in CREATING or DELETING: just long enough for the state to exist. */
const TRANSITION_MILLISECONDS = 1;

/** Rejects when the folder can't be opened, for one because another process has it open. */
export const startDynamodb = async ({
  path,
  ...options
}: StartDynamodbOptions = {}): Promise<RunningServer> => {
  if (path) {
    mkdirSync(path, { recursive: true });
    await tryDatabase(path);
  }
  const engine = dynalite({
    path,
    createTableMs: TRANSITION_MILLISECONDS,
    deleteTableMs: TRANSITION_MILLISECONDS,
    updateTableMs: TRANSITION_MILLISECONDS,
  });
  const answer = answerWith(engine);
  return serveEngine(engine, withHealth(answer), options);
};

/**
 * Opens the database and closes it again. dynalite opens it in the background, and answers nobody, without a
 * word, when that fails. Rejects with LevelDB's error.
 */
const tryDatabase = async (path: string): Promise<void> => {
  const { Level } = databaseOfDynalite();
  const database = new Level(path);
  await database.open();
  await database.close();
};

interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
}

/** The very library, of the very version, that dynalite will open it with. */
const databaseOfDynalite = (): { readonly Level: new (path: string) => Database } => {
  const own = createRequire(import.meta.url);
  return createRequire(own.resolve("dynalite"))("level");
};

const withHealth =
  (answer: Answer): Answer =>
  async (request) => {
    if (request.url !== HEALTH_PATH || request.method !== "GET") return answer(request);
    const isHealthy = isFound(await answer(LOOK_UP));
    return {
      status: isHealthy ? 200 : 503,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ status: isHealthy ? "ok" : "unavailable" }),
    };
  };

/**
 * Looks up one key, whatever the store holds (a list of its tables would read every key). The engine asks
 * only that a signature be there, since the server has looked at it.
 */
const LOOK_UP = {
  method: "POST",
  url: "/",
  headers: {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "DynamoDB_20120810.DescribeTable",
    authorization:
      "AWS4-HMAC-SHA256 Credential=health/20261121/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    "x-amz-date": "20261121T000000Z",
  },
  body: Buffer.from('{"TableName":"no-such-table"}'),
};
