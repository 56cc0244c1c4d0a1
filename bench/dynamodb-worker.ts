import { parentPort } from "node:worker_threads";
import { startDynamodb } from "../infra/local/dynamodb/server.ts";

/** Runs in a worker thread, so that the server's work is not taken for that of the code which is measured. */
const { endpoint } = await startDynamodb();
parentPort?.postMessage(endpoint);
