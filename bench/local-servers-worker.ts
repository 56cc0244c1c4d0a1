import { parentPort } from "node:worker_threads";
import { startDynamodb } from "../infra/local/dynamodb/server.ts";
import { startKinesis } from "../infra/local/kinesis/server.ts";

/** Runs in a worker thread, so that the servers' work is not taken for that of the code which is measured. */
const [dynamodb, kinesis] = await Promise.all([startDynamodb(), startKinesis()]);
parentPort?.postMessage({ dynamodb: dynamodb.endpoint, kinesis: kinesis.endpoint });
