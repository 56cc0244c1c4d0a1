import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "check-recording-file",
  description: "Reads a file to the end, to see whether it is a recording",
  // What it holds is a batch of positions; the memory is for the processor that comes with it.
  memoryMegabytes: 1024,
  timeoutSeconds: 900,
  taskOf: "import-recording",
  readsFrom: ["recordings"],
  tables: { tasks: "readWrite" },
});
