import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "report-import",
  description: "Writes the result of an import into its task",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  taskOf: "import-recording",
  tables: { tasks: "readWrite" },
});
