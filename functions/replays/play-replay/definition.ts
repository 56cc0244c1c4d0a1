import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "play-replay",
  description: "Plays a replay for a few minutes: publishes each position when it is due",
  // Mostly asleep, so memory is what it costs. The largest plan and its pages take a few megabytes.
  memoryMegabytes: 256,
  timeoutSeconds: 300,
  canary: true,
  taskOf: "replay",
  reportsDamage: "segments",
  tables: { replays: "readWrite", tracks: "read", listings: "write" },
  limits: ["replayKeptDays"],
  publishesTo: ["positions"],
  // The rest of the timeout is for the last plan, and for a stream that is slow to accept it.
  environment: { CHUNK_SECONDS: "240" },
});
