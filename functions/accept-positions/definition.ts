import * as Type from "typebox";
import { DEVICE_PATH } from "../../lib/runtime/api/device.ts";
import { POSITION_INPUT } from "../../lib/runtime/api/position.ts";
import { problem } from "../../lib/runtime/api/problem.ts";
import { defineFunction } from "../../lib/runtime/definition.ts";

export default defineFunction({
  name: "accept-positions",
  description: "Takes positions of a device over HTTP and puts them on the stream",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  publishesTo: ["positions"],
  routes: [
    {
      method: "POST",
      path: "/devices/{deviceId}/positions",
      summary: "Report positions of a device",
      tag: "devices",
      access: "ingest",
      parameters: DEVICE_PATH,
      body: {
        contentTypes: ["application/json", "application/x-ndjson"],
        description:
          "One position, an array of positions, or one JSON object per line. " +
          "The course's field names are taken as well; other fields are ignored.",
        described: {
          "application/json": Type.Union([POSITION_INPUT, Type.Array(POSITION_INPUT)]),
          "application/x-ndjson": Type.String({ description: "One position per line" }),
        },
      },
      responses: {
        202: {
          description: "The accepted positions are on the stream; the rejected ones are not",
          content: {
            "application/json": Type.Object({
              accepted: Type.Integer(),
              rejected: Type.Array(
                Type.Object({
                  index: Type.Optional(Type.Integer({ description: "Of the element or line, from 0" })),
                  error: Type.String(),
                  field: Type.String(),
                  value: Type.Optional(Type.Unknown()),
                  rule: Type.String(),
                }),
              ),
            }),
          },
        },
        400: problem("Nothing in the body is a position"),
        413: problem("The body is too large"),
        415: problem("The body is neither JSON nor NDJSON"),
        429: problem("The stream is full at the moment"),
      },
    },
  ],
});
