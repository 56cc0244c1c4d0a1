import * as Type from "typebox";
import { DEVICE_PATH } from "../../../lib/runtime/api/device.ts";
import { CURSOR } from "../../../lib/runtime/api/page.ts";
import { POSITION } from "../../../lib/runtime/api/position.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { TRACK_FILES, TRACK_QUERY } from "../../../lib/runtime/api/track.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

const DAMAGED = Type.Array(
  Type.Object({
    from: Type.String({ format: "date-time" }),
    to: Type.String({ format: "date-time" }),
    positionCount: Type.Integer({ description: "How many positions it had" }),
  }),
  { description: "What is missing because stored data can no longer be read; absent when nothing is" },
);

export default defineFunction({
  name: "get-track",
  description: "Returns a device's positions over a range of time",
  // 10,000 positions as GPX take a whole core for a third of a second.
  memoryMegabytes: 1024,
  timeoutSeconds: 20,
  reportsDamage: "segments",
  tables: { devices: "read", tracks: "read" },
  routes: [
    {
      method: "GET",
      path: "/devices/{deviceId}/track",
      summary: "The positions of a device over a range of time: each once, in time order",
      tag: "devices",
      access: "read",
      parameters: DEVICE_PATH,
      query: TRACK_QUERY,
      responses: {
        200: {
          description:
            "A page; the header Link points to the next one. The header X-Damaged lists the times, as ISO 8601 " +
            "intervals, whose positions are missing because stored data can no longer be read",
          content: {
            "application/json": Type.Object({
              deviceId: Type.String(),
              positions: Type.Array(POSITION),
              cursor: Type.Optional(CURSOR),
              damaged: Type.Optional(DAMAGED),
            }),
            ...TRACK_FILES,
          },
        },
        400: problem("A parameter is not valid"),
        404: problem("The device has never sent a position"),
        406: problem("None of the formats in Accept is available"),
      },
    },
  ],
});
