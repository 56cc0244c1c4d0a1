import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "start-import",
  description: "Starts to import a file that was put into the bucket",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  bucket: "recordings",
  tables: { tasks: "write", listings: "write" },
  limits: ["importTaskKeptDays"],
  starts: ["import-recording"],
});
