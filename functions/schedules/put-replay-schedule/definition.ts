import { problem } from "../../../lib/runtime/api/problem.ts";
import { REPLAY_BODY_MEANING } from "../../../lib/runtime/api/replay.ts";
import {
  REPLAY_SCHEDULE,
  REPLAY_SCHEDULE_BODY,
  REPLAY_SCHEDULE_PATH,
} from "../../../lib/runtime/api/replay-schedule.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "put-replay-schedule",
  description: "Creates or replaces a replay schedule",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  tables: { recordings: "read" },
  schedules: { replays: ["get", "write", "list"] },
  limits: ["replaySchedules"],
  routes: [
    {
      method: "PUT",
      path: "/replay-schedules/{name}",
      summary: "Start a replay once, at intervals, or by the calendar",
      tag: "replay schedules",
      access: "control",
      admitsPrefixedKeys: true,
      parameters: REPLAY_SCHEDULE_PATH,
      body: {
        contentTypes: ["application/json"],
        description: `Give exactly one of at, rate and cron. replay is the body of POST /replays. ${REPLAY_BODY_MEANING}`,
        schema: REPLAY_SCHEDULE_BODY,
      },
      responses: {
        200: {
          description: "The schedule with that name was replaced",
          content: { "application/json": REPLAY_SCHEDULE },
        },
        201: { description: "The schedule was created", content: { "application/json": REPLAY_SCHEDULE } },
        400: problem("A field is not valid, or names a time in the past"),
        409: problem("There are too many schedules, or two sources play the same device"),
        404: problem("There is no such recording"),
      },
    },
  ],
});
