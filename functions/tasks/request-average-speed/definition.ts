import * as Type from "typebox";
import { DEVICE_PATH } from "../../../lib/runtime/api/device.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { TASK } from "../../../lib/runtime/api/task.ts";
import { windowSeconds } from "../../../lib/runtime/api/window.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "request-average-speed",
  description: "Asks for a device's average speed over the coming window",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  tables: { devices: "read", tasks: "readWrite", listings: "write", claims: "readWrite" },
  limits: ["tasksWaiting", "tasksWaitingPerKey", "taskKeptDays"],
  starts: ["average-speed"],
  routes: [
    {
      method: "POST",
      path: "/devices/{deviceId}/average-speed-tasks",
      summary: "Ask for the average speed over the coming window",
      tag: "tasks",
      access: "read",
      parameters: DEVICE_PATH,
      query: Type.Object({
        windowSeconds: windowSeconds({ default: 60 }),
      }),
      responses: {
        202: {
          description:
            "The task, which is done once the window has passed; the header Location is its address",
          content: { "application/json": TASK },
        },
        400: problem("A parameter is not valid"),
        404: problem("The device has never sent a position"),
        429: problem("Too many tasks are waiting already"),
        503: problem("The workflow did not start; try again later"),
      },
    },
  ],
});
