import * as Type from "typebox";
import { CURSOR, pageQuery } from "../../../lib/runtime/api/page.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { RECORDING } from "../../../lib/runtime/api/recording.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "list-recordings",
  description: "Lists recordings",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { recordings: "read", listings: "read" },
  routes: [
    {
      method: "GET",
      path: "/recordings",
      summary: "All recordings, in pages, in no particular order",
      tag: "recordings",
      access: "read",
      admitsPrefixedKeys: true,
      query: Type.Object(pageQuery(1000, 100)),
      responses: {
        200: {
          description: "A page; the header Link points to the next one",
          content: {
            "application/json": Type.Object({
              recordings: Type.Array(RECORDING),
              cursor: Type.Optional(CURSOR),
            }),
          },
        },
        400: problem("A parameter is not valid"),
      },
    },
  ],
});
