import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "continue-replay",
  description: "Hands a replay that has played for days to a new execution",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  taskOf: "replay",
  tables: { replays: "readWrite", listings: "write" },
  limits: ["replayKeptDays"],
  starts: ["replay"],
});
