import * as Type from "typebox";
import { CURSOR, pageQuery } from "../../../lib/runtime/api/page.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { LISTED_REPLAY } from "../../../lib/runtime/api/replay.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "list-replays",
  description: "Lists replays with their progress",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { replays: "read", listings: "read" },
  routes: [
    {
      method: "GET",
      path: "/replays",
      summary: "All replays, in pages, in no particular order",
      tag: "replays",
      access: "read",
      admitsPrefixedKeys: true,
      query: Type.Object(pageQuery(100, 100)),
      responses: {
        200: {
          description: "A page; the header Link points to the next one",
          content: {
            "application/json": Type.Object({
              replays: Type.Array(LISTED_REPLAY),
              cursor: Type.Optional(CURSOR),
            }),
          },
        },
        400: problem("A parameter is not valid"),
      },
    },
  ],
});
