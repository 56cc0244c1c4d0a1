import * as Type from "typebox";
import { MAXIMUM_DEVICES, MAXIMUM_SOURCES } from "../../lib/core/replay/create-replay.ts";
import { DEVICE_ID } from "../../lib/runtime/api/device.ts";
import { problem } from "../../lib/runtime/api/problem.ts";
import { RATE, REPLAY } from "../../lib/runtime/api/replay.ts";
import { defineFunction } from "../../lib/runtime/definition.ts";

const SOURCE = {
  deviceId: Type.Optional(DEVICE_ID),
  copies: Type.Optional(Type.Integer({ minimum: 1, maximum: MAXIMUM_DEVICES })),
};
const RECORDING_ID = Type.String({ minLength: 1, maxLength: 128 });

export default defineFunction({
  name: "create-replay",
  description: "Starts playing recordings onto the stream",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  tables: { replays: "readWrite", recordings: "read" },
  starts: ["replay"],
  routes: [
    {
      method: "POST",
      path: "/replays",
      summary: "Play a recording, or several side by side, as devices",
      tag: "replays",
      access: "control",
      admitsPrefixedKeys: true,
      body: {
        contentTypes: ["application/json"],
        description:
          "Either recordingId, with deviceId and copies, or sources. A device has the recording's id unless told; with " +
          "copies the ids end in -1, -2 and so on. start and end are seconds since the first position. With timestamps " +
          "of now each position's timestamp is the time at which it is due; original can't be looped.",
        schema: Type.Object(
          {
            recordingId: Type.Optional(RECORDING_ID),
            ...SOURCE,
            sources: Type.Optional(
              Type.Array(
                Type.Object({ recordingId: RECORDING_ID, ...SOURCE }, { additionalProperties: false }),
                {
                  minItems: 1,
                  maxItems: MAXIMUM_SOURCES,
                },
              ),
            ),
            rate: Type.Optional(RATE),
            loop: Type.Optional(Type.Boolean()),
            timestamps: Type.Optional(Type.Enum(["now", "original"])),
            start: Type.Optional(Type.Number({ minimum: 0 })),
            end: Type.Optional(Type.Number({ minimum: 0 })),
          },
          { additionalProperties: false },
        ),
      },
      responses: {
        201: { description: "It is about to play", content: { "application/json": REPLAY } },
        400: problem("A field breaks a rule"),
        404: problem("There is no such recording"),
        503: problem("The workflow did not start; the replay is kept, failed, and can be started by PATCH"),
      },
    },
  ],
});
