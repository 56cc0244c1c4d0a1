import * as Type from "typebox";
import { DEVICE_PATH } from "../../../lib/runtime/api/device.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { SPEED_DAMAGED } from "../../../lib/runtime/api/task.ts";
import { timeParameter } from "../../../lib/runtime/api/time.ts";
import { windowSeconds } from "../../../lib/runtime/api/window.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "get-average-speed",
  description: "Returns the average speed of a device over a window",
  // A day at 10 Hz is 864,000 positions: some 50 MB in columns.
  memoryMegabytes: 512,
  timeoutSeconds: 25,
  reportsDamage: "segments",
  tables: { devices: "read", tracks: "read" },
  routes: [
    {
      method: "GET",
      path: "/devices/{deviceId}/average-speed",
      summary: "Average speed over a window of the device's own time",
      tag: "devices",
      access: "read",
      parameters: DEVICE_PATH,
      query: Type.Object({
        windowSeconds: windowSeconds({ default: 60 }),
        at: Type.Optional(timeParameter("Where the window ends; default: at the device's newest position")),
      }),
      responses: {
        200: {
          description: "The average, and how much of the window it covers",
          content: {
            "application/json": Type.Object({
              deviceId: Type.String(),
              windowSeconds: Type.Number(),
              from: Type.String({ format: "date-time" }),
              to: Type.String({ format: "date-time" }),
              averageSpeedMetersPerSecond: Type.Number({
                description: "Without coverage: the last speed reported by then, or 0",
              }),
              coverage: Type.Number({
                minimum: 0,
                maximum: 1,
                description: "How much of the window the positions cover",
              }),
              positionCount: Type.Integer({ description: "Positions inside the window" }),
              damaged: Type.Optional(SPEED_DAMAGED),
            }),
          },
        },
        400: problem("A parameter is not valid"),
        404: problem("The device has never sent a position"),
      },
    },
  ],
});
