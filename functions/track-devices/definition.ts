import { defineFunction } from "../../lib/runtime/definition.ts";

export default defineFunction({
  name: "track-devices",
  description: "Applies positions from the stream to the devices' state and tracks",
  // A third of a core: it waits for the tables most of the time.
  memoryMegabytes: 512,
  timeoutSeconds: 60,
  stream: {
    stream: "positions",
    // Each batch costs one write per device in it, so it gathers for a second; that is also how old a state may be.
    batchSize: 500,
    maximumBatchingWindowSeconds: 1,
    // One consumer keeps up with a shard's 1,000 records a second. A second one leaves room to catch up, and halves what
    // a failing device holds up; each more would mean smaller batches.
    parallelizationFactor: 2,
    // What can't be read goes to quarantine and is not retried. What is retried is a store that does not answer: for
    // minutes at least, but not for ever, because one broken item must not hold up its shard until the stream forgets.
    maximumRetryAttempts: 200,
    maximumRecordAgeSeconds: 24 * 60 * 60,
    bisectBatchOnFunctionError: true,
  },
  tables: { devices: "readWrite", tracks: "readWrite", quarantine: "write" },
});
