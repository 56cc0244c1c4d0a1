import { DEVICE, DEVICE_PATH } from "../../../lib/runtime/api/device.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "get-device",
  description: "Returns the state of a device",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { devices: "read" },
  routes: [
    {
      method: "GET",
      path: "/devices/{deviceId}",
      summary: "The state of a device: newest position, odometer, when it was last heard from",
      tag: "devices",
      access: "read",
      parameters: DEVICE_PATH,
      responses: {
        200: { description: "Its state", content: { "application/json": DEVICE } },
        404: problem("The device has never sent a position"),
      },
    },
  ],
});
