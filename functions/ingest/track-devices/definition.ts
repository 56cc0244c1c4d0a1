import { defineFunction } from "../../../lib/runtime/definition.ts";
import { MAXIMUM_AHEAD } from "../../../lib/runtime/timestamp-rules.ts";

export default defineFunction({
  name: "track-devices",
  description: "Applies positions from the stream to the devices' states and tracks",
  // A third of a core: most of the time it waits for the tables.
  memoryMegabytes: 512,
  timeoutSeconds: 60,
  canary: true,
  // A batch that went well is not logged at all.
  logsOneGoodCallIn: 1_000,
  stream: {
    stream: "positions",
    // Each batch costs one write per device in it. Lambda polls a shard once a second, so batches form by
    // themselves. To trade a later state for fewer writes, set stateWindowSeconds.
    batchSize: 500,
    maximumBatchingWindowSeconds: 0,
    // One consumer keeps up with a shard's 1,000 records a second. A second one leaves room to catch up, and
    // halves what a failing device blocks; more would only mean smaller batches.
    parallelizationFactor: 2,
    // What can't be read goes to quarantine and is not retried. What is retried is a store that does not
    // answer: for minutes at least, but not forever, because one broken item must not block its shard until
    // the stream drops records.
    maximumRetryAttempts: 200,
    // Well before the stream drops it, which is after 24 hours at the earliest: what we give up is kept
    // aside, what the stream drops is lost.
    maximumRecordAgeSeconds: 12 * 60 * 60,
    bisectBatchOnFunctionError: true,
  },
  environment: MAXIMUM_AHEAD,
  reportsDamage: "segments",
  tables: {
    devices: "readWrite",
    tracks: "readWrite",
    quarantine: "readWrite",
    listings: "readWrite",
    claims: "read",
    tenants: "read",
  },
  limits: ["quarantineKeptDays"],
});
