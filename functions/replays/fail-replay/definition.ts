import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "fail-replay",
  description: "Marks a replay that can't go on as failed, with the reason",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  taskOf: "replay",
  tables: { replays: "readWrite", listings: "write" },
  limits: ["replayKeptDays"],
});
