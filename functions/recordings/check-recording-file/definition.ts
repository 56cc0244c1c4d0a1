import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "check-recording-file",
  description: "Reads a file to the end to check that it is a recording",
  // It holds a batch of positions at a time; the memory is for the CPU that comes with it.
  memoryMegabytes: 1024,
  timeoutSeconds: 900,
  taskOf: "import-recording",
  readsFrom: ["recordings"],
  // The others are read only for tenants with a limit of stored positions.
  tables: { tasks: "readWrite", tenants: "read", devices: "read", recordings: "read", listings: "read" },
});
