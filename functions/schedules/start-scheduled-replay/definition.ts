import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "start-scheduled-replay",
  description: "Starts a scheduled replay when its time has come",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  schedule: "replays",
  tables: {
    replays: "readWrite",
    recordings: "read",
    listings: "write",
    claims: "readWrite",
    tenants: "read",
  },
  limits: ["replaysAtOnce", "replaysAtOncePerKey", "replayKeptDays"],
  starts: ["replay"],
});
