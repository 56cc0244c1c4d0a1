import { DEVICE_PATH } from "../../../lib/runtime/api/device.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { TASK } from "../../../lib/runtime/api/task.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "delete-device",
  description: "Starts to erase a device and its whole history",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  tables: {
    devices: "readWrite",
    tasks: "readWrite",
    replays: "read",
    listings: "write",
    claims: "readWrite",
  },
  starts: ["erase-device"],
  routes: [
    {
      method: "DELETE",
      path: "/devices/{deviceId}",
      summary: "Erase a device and its whole history",
      tag: "devices",
      access: "control",
      parameters: DEVICE_PATH,
      responses: {
        202: {
          description:
            "The device is gone, and its history is being erased; the header Location is the task's address. What " +
            "reaches the stream before the task is done is erased too; what comes later starts a new device",
          content: { "application/json": TASK },
        },
        404: problem("The device has never sent a position"),
        409: problem("A replay, playing or paused, plays as this device"),
        503: problem("The workflow did not start; try again later"),
      },
    },
  ],
});
