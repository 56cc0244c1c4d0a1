import * as Type from "typebox";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { RATE, REPLAY, REPLAY_PATH } from "../../../lib/runtime/api/replay.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "control-replay",
  description: "Changes a replay's rate, pauses it, resumes it, seeks",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  tables: { replays: "readWrite", listings: "write", claims: "readWrite" },
  limits: ["replaysAtOnce", "replaysAtOncePerKey", "replayKeptDays"],
  starts: ["replay"],
  routes: [
    {
      method: "PATCH",
      path: "/replays/{replayId}",
      summary: "Change rate, pause, resume, seek; all that is given at once, within a second",
      tag: "replays",
      access: "control",
      admitsPrefixedKeys: true,
      parameters: REPLAY_PATH,
      body: {
        contentTypes: ["application/json", "application/merge-patch+json"],
        description:
          "seek is recorded time, seconds since the first position, in the iteration that is playing. A finished replay " +
          "plays again after a seek, a failed one after paused: false.",
        schema: Type.Object(
          {
            rate: Type.Optional(RATE),
            paused: Type.Optional(Type.Boolean()),
            seek: Type.Optional(Type.Number({ minimum: 0 })),
          },
          { additionalProperties: false, minProperties: 1 },
        ),
      },
      responses: {
        200: { description: "Changed", content: { "application/json": REPLAY } },
        400: problem("A field breaks a rule, or the seek goes past the end"),
        404: problem("There is no such replay"),
        409: problem("The replay has finished or failed, or is being changed by many at once"),
        503: problem("The workflow did not start; try again"),
      },
    },
  ],
});
