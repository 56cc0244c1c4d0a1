import { problem } from "../../../lib/runtime/api/problem.ts";
import { RECORDING, RECORDING_PATH } from "../../../lib/runtime/api/recording.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "get-recording",
  description: "Returns what is known about a recording",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { recordings: "read" },
  routes: [
    {
      method: "GET",
      path: "/recordings/{recordingId}",
      summary: "A recording: its name, time and length, and what the import left out",
      tag: "recordings",
      access: "read",
      admitsPrefixedKeys: true,
      parameters: RECORDING_PATH,
      responses: {
        200: { description: "The recording", content: { "application/json": RECORDING } },
        404: problem("There is no such recording"),
      },
    },
  ],
});
