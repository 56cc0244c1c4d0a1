import * as Type from "typebox";
import { DEVICE_PATH } from "../../../lib/runtime/api/device.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

const REPAIR = Type.Object({
  complete: Type.Boolean({ description: "False: call again, and it goes on" }),
  positionCount: Type.Integer({ description: "How many of the track's older positions have been added up" }),
  odometerMeters: Type.Number({ description: "As it is now" }),
});

export default defineFunction({
  name: "repair-device",
  description: "Computes the odometer of a device anew from its whole track",
  // 50,000 positions at a time, some 3 MB, and the segments they come from.
  memoryMegabytes: 512,
  timeoutSeconds: 29,
  reportsDamage: "segments",
  tables: { devices: "readWrite", tracks: "readWrite" },
  routes: [
    {
      method: "POST",
      path: "/devices/{deviceId}/repairs",
      summary: "Add up late positions: computes the odometer anew, a part of the track at each call",
      tag: "devices",
      access: "control",
      parameters: DEVICE_PATH,
      responses: {
        200: {
          description: "The odometer is the distance of the whole track",
          content: { "application/json": REPAIR },
        },
        202: {
          description: "Not yet: call again. With the header Retry-After another call is at work until then",
          content: { "application/json": REPAIR },
        },
        404: problem("The device was never heard"),
        409: problem("A part of its track can't be read"),
      },
    },
  ],
});
