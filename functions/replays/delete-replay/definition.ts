import { problem } from "../../../lib/runtime/api/problem.ts";
import { REPLAY_PATH } from "../../../lib/runtime/api/replay.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "delete-replay",
  description: "Stops a replay and deletes it",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { replays: "readWrite", listings: "write", claims: "readWrite" },
  routes: [
    {
      method: "DELETE",
      path: "/replays/{replayId}",
      summary: "Delete a replay; one that is playing stops within a second",
      tag: "replays",
      access: "control",
      admitsPrefixedKeys: true,
      parameters: REPLAY_PATH,
      responses: {
        204: { description: "Deleted; the positions that it sent stay with their devices" },
        404: problem("There is no such replay"),
      },
    },
  ],
});
