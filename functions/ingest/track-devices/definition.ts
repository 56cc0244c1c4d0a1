import { defineFunction } from "../../../lib/runtime/definition.ts";
import { MAXIMUM_AHEAD } from "../../../lib/runtime/timestamp-rules.ts";

export default defineFunction({
  name: "track-devices",
  description: "Applies positions from the stream to the devices' state and tracks",
  // A third of a core: it waits for the tables most of the time.
  memoryMegabytes: 512,
  timeoutSeconds: 60,
  // A batch that went well is not logged at all.
  logsOneGoodCallIn: 1_000,
  stream: {
    stream: "positions",
    // Each batch costs one write per device in it. Lambda asks a shard once a second, so batches gather by themselves; who
    // wants fewer writes and can wait for the state sets stateWindowSeconds.
    batchSize: 500,
    maximumBatchingWindowSeconds: 0,
    // One consumer keeps up with a shard's 1,000 records a second. A second one leaves room to catch up, and halves what
    // a failing device holds up; each more would mean smaller batches.
    parallelizationFactor: 2,
    // What can't be read goes to quarantine and is not retried. What is retried is a store that does not answer: for
    // minutes at least, but not for ever, because one broken item must not hold up its shard until the stream forgets.
    maximumRetryAttempts: 200,
    // Well before the stream forgets it, after 24 hours at the least: what is given up is kept, what is forgotten is lost.
    maximumRecordAgeSeconds: 12 * 60 * 60,
    bisectBatchOnFunctionError: true,
  },
  environment: MAXIMUM_AHEAD,
  reportsDamage: "segments",
  tables: {
    devices: "readWrite",
    tracks: "readWrite",
    quarantine: "readWrite",
    listings: "write",
    claims: "read",
  },
  limits: ["quarantineKeptDays"],
});
