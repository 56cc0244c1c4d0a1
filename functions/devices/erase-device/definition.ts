import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "erase-device",
  description: "Erases a bounded part of a device's history",
  memoryMegabytes: 256,
  timeoutSeconds: 60,
  taskOf: "erase-device",
  tables: {
    devices: "write",
    tracks: "readWrite",
    quarantine: "readWrite",
    replays: "readWrite",
    tasks: "readWrite",
    shares: "readWrite",
    listings: "readWrite",
    claims: "readWrite",
  },
});
