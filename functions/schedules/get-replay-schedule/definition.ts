import { problem } from "../../../lib/runtime/api/problem.ts";
import { REPLAY_SCHEDULE, REPLAY_SCHEDULE_PATH } from "../../../lib/runtime/api/replay-schedule.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "get-replay-schedule",
  description: "Returns a replay schedule with its next run",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  schedules: { replays: ["get"] },
  routes: [
    {
      method: "GET",
      path: "/replay-schedules/{name}",
      summary: "A schedule, with its next run",
      tag: "replay schedules",
      access: "read",
      admitsPrefixedKeys: true,
      parameters: REPLAY_SCHEDULE_PATH,
      responses: {
        200: { description: "The schedule", content: { "application/json": REPLAY_SCHEDULE } },
        404: problem("There is no schedule with that name"),
      },
    },
  ],
});
