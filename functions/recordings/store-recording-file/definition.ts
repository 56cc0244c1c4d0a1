import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "store-recording-file",
  description: "Stores a checked file as a recording",
  // A block of positions at a time. A file out of time order is sorted whole: a million positions, twice, is
  // 200 MB.
  memoryMegabytes: 1024,
  timeoutSeconds: 900,
  taskOf: "import-recording",
  readsFrom: ["recordings"],
  tables: { tasks: "readWrite", recordings: "readWrite", tracks: "readWrite", listings: "write" },
});
