import { DEVICE_PATH } from "../../../lib/runtime/api/device.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { TASK } from "../../../lib/runtime/api/task.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "delete-device",
  description: "Begins to erase a device with its whole past",
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
      summary: "Erase a device with its whole past",
      tag: "devices",
      access: "control",
      parameters: DEVICE_PATH,
      responses: {
        202: {
          description:
            "The device is not there any more, and its past is being erased; the header Location is the task's address. What " +
            "reaches the stream before the task is done is erased too; what comes later begins a new device",
          content: { "application/json": TASK },
        },
        404: problem("The device was never heard"),
        409: problem("A replay plays onto it, or is paused"),
        503: problem("The workflow did not start; try again"),
      },
    },
  ],
});
