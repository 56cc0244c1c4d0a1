import * as Type from "typebox";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { RATE, REPLAY, REPLAY_PATH } from "../../../lib/runtime/api/replay.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "control-replay",
  description: "Changes a replay's rate, pauses, resumes or seeks it",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  tables: { replays: "readWrite", listings: "write", claims: "readWrite" },
  limits: ["replaysAtOnce", "replaysAtOncePerKey", "replayKeptDays"],
  starts: ["replay"],
  routes: [
    {
      method: "PATCH",
      path: "/replays/{replayId}",
      summary: "Change the rate, pause, resume or seek; all changes take effect together, within a second",
      tag: "replays",
      access: "control",
      admitsPrefixedKeys: true,
      parameters: REPLAY_PATH,
      body: {
        contentTypes: ["application/json", "application/merge-patch+json"],
        description:
          "seek is recorded time in seconds since the first position, in the current iteration. A finished replay " +
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
        400: problem("A field is not valid, or the seek goes past the end"),
        404: problem("There is no such replay"),
        409: problem("The replay has finished or failed, or too many changes arrive at once"),
        503: problem("The workflow did not start; try again later"),
      },
    },
  ],
});
