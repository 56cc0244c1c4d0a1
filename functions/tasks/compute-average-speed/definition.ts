import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "compute-average-speed",
  description: "Computes the average speed that a task requested",
  // A day at 10 Hz is 864,000 positions: some 50 MB in columns.
  memoryMegabytes: 512,
  timeoutSeconds: 60,
  taskOf: "average-speed",
  reportsDamage: "segments",
  tables: { devices: "read", tracks: "read", tasks: "readWrite" },
});
