import * as Type from "typebox";
import { DEVICE_PATH } from "../../../lib/runtime/api/device.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

const REPAIR = Type.Object({
  complete: Type.Boolean({ description: "False: call again to continue" }),
  positionCount: Type.Integer({
    description: "How many of the track's older positions have been counted so far",
  }),
  odometerMeters: Type.Number({ description: "The odometer as it is now" }),
});

export default defineFunction({
  name: "repair-device",
  description: "Recomputes a device's odometer from its whole track",
  // 50,000 positions at a time, some 3 MB, and the segments they come from.
  memoryMegabytes: 512,
  timeoutSeconds: 29,
  reportsDamage: "segments",
  tables: { devices: "readWrite", tracks: "readWrite" },
  routes: [
    {
      method: "POST",
      path: "/devices/{deviceId}/repairs",
      summary: "Recompute the odometer with the late positions, part of the track with each call",
      tag: "devices",
      access: "control",
      parameters: DEVICE_PATH,
      responses: {
        200: {
          description: "The odometer is the distance of the whole track",
          content: { "application/json": REPAIR },
        },
        202: {
          description:
            "Not finished: call again. With the header Retry-After, another call is at work until then",
          content: { "application/json": REPAIR },
        },
        404: problem("The device has never sent a position"),
        409: problem("Part of its track can't be read"),
      },
    },
  ],
});
