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
  description: "Makes or changes a schedule by which a replay starts",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  tables: { recordings: "read" },
  schedules: { replays: ["get", "write", "list"] },
  limits: ["replaySchedules"],
  routes: [
    {
      method: "PUT",
      path: "/replay-schedules/{name}",
      summary: "Start a replay once, again and again, or by the calendar",
      tag: "replay schedules",
      access: "control",
      admitsPrefixedKeys: true,
      parameters: REPLAY_SCHEDULE_PATH,
      body: {
        contentTypes: ["application/json"],
        description: `Exactly one of at, rate and cron. replay is the body of POST /replays. ${REPLAY_BODY_MEANING}`,
        schema: REPLAY_SCHEDULE_BODY,
      },
      responses: {
        200: {
          description: "There was one of that name; it is now this one",
          content: { "application/json": REPLAY_SCHEDULE },
        },
        201: { description: "There is one now", content: { "application/json": REPLAY_SCHEDULE } },
        400: problem("A field breaks a rule, or names a time that is over"),
        409: problem("There are too many schedules, or two sources play one device"),
        404: problem("There is no such recording"),
      },
    },
  ],
});
