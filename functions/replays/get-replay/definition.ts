import { problem } from "../../../lib/runtime/api/problem.ts";
import { REPLAY, REPLAY_PATH } from "../../../lib/runtime/api/replay.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "get-replay",
  description: "Returns a replay's progress",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { replays: "read" },
  routes: [
    {
      method: "GET",
      path: "/replays/{replayId}",
      summary: "A replay: what it plays and how far it is",
      tag: "replays",
      access: "read",
      admitsPrefixedKeys: true,
      parameters: REPLAY_PATH,
      responses: {
        200: { description: "The replay", content: { "application/json": REPLAY } },
        404: problem("There is no such replay"),
      },
    },
  ],
});
