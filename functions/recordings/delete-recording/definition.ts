import { problem } from "../../../lib/runtime/api/problem.ts";
import { RECORDING_PATH } from "../../../lib/runtime/api/recording.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "delete-recording",
  description: "Deletes a recording and its positions",
  memoryMegabytes: 256,
  timeoutSeconds: 29,
  tables: {
    recordings: "readWrite",
    tracks: "readWrite",
    replays: "read",
    listings: "write",
    claims: "readWrite",
  },
  routes: [
    {
      method: "DELETE",
      path: "/recordings/{recordingId}",
      summary: "Delete a recording that no replay plays",
      tag: "recordings",
      access: "control",
      parameters: RECORDING_PATH,
      responses: {
        204: { description: "Deleted" },
        404: problem("There is no such recording"),
        409: problem("A replay that is playing or paused needs it"),
      },
    },
  ],
});
