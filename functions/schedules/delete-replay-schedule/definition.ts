import { problem } from "../../../lib/runtime/api/problem.ts";
import { REPLAY_SCHEDULE_PATH } from "../../../lib/runtime/api/replay-schedule.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "delete-replay-schedule",
  description: "Deletes a replay schedule",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  schedules: { replays: ["get", "remove"] },
  routes: [
    {
      method: "DELETE",
      path: "/replay-schedules/{name}",
      summary: "Delete a schedule; a replay that it has started goes on",
      tag: "replay schedules",
      access: "control",
      admitsPrefixedKeys: true,
      parameters: REPLAY_SCHEDULE_PATH,
      responses: {
        204: { description: "Deleted" },
        404: problem("There is no schedule with that name"),
      },
    },
  ],
});
