import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "play-replay",
  description: "Plays a replay for some minutes: publishes each position when it is due",
  // Mostly asleep: memory is what it costs. The largest plan and its pages take some megabytes.
  memoryMegabytes: 256,
  timeoutSeconds: 300,
  taskOf: "replay",
  reportsDamage: "segments",
  tables: { replays: "readWrite", tracks: "read", listings: "write" },
  limits: ["replayKeptDays"],
  publishesTo: ["positions"],
  // The rest of the timeout is for the last plan, and for a stream that is slow to take it.
  environment: { CHUNK_SECONDS: "240" },
});
