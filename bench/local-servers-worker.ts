import { parentPort } from "node:worker_threads";
import { startKinesis } from "../infra/local/kinesis/server.ts";
import { startDynamodb } from "../infra/store/embedded/server.ts";

/** Runs in a worker thread, so the servers' work does not count as the measured code's. */
const [dynamodb, kinesis] = await Promise.all([startDynamodb(), startKinesis()]);
parentPort?.postMessage({ dynamodb: dynamodb.endpoint, kinesis: kinesis.endpoint });
