import { problem } from "../../lib/runtime/api/problem.ts";
import { REPLAY, REPLAY_BODY, REPLAY_BODY_MEANING } from "../../lib/runtime/api/replay.ts";
import { defineFunction } from "../../lib/runtime/definition.ts";

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
        description: REPLAY_BODY_MEANING,
        schema: REPLAY_BODY,
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
