import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "fail-task",
  description: "Marks a task that can't be completed as failed, with the reason",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  taskOf: ["average-speed", "import-recording", "erase-device"],
  tables: { tasks: "readWrite" },
});
