import * as Type from "typebox";
import { CURSOR, pageQuery } from "../../../lib/runtime/api/page.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { REPLAY_SCHEDULE } from "../../../lib/runtime/api/replay-schedule.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "list-replay-schedules",
  description: "Lists replay schedules",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  schedules: { replays: ["get", "list"] },
  routes: [
    {
      method: "GET",
      path: "/replay-schedules",
      summary: "All schedules with their next runs, in pages",
      tag: "replay schedules",
      access: "read",
      admitsPrefixedKeys: true,
      // Each schedule of a page takes another request to the scheduler.
      query: Type.Object(pageQuery(50, 20)),
      responses: {
        200: {
          description: "A page; the header Link points to the next one",
          content: {
            "application/json": Type.Object({
              schedules: Type.Array(REPLAY_SCHEDULE),
              cursor: Type.Optional(CURSOR),
            }),
          },
        },
        400: problem("A parameter is not valid"),
      },
    },
  ],
});
