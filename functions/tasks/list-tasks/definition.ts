import * as Type from "typebox";
import { CURSOR, pageQuery } from "../../../lib/runtime/api/page.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { TASK, TASK_KIND } from "../../../lib/runtime/api/task.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "list-tasks",
  description: "Lists tasks of one kind, such as file imports",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { tasks: "read", listings: "read" },
  routes: [
    {
      method: "GET",
      path: "/tasks",
      summary: "Tasks of one kind, in pages, in no particular order",
      tag: "tasks",
      access: "read",
      admitsPrefixedKeys: true,
      query: Type.Object({ kind: TASK_KIND, ...pageQuery(100, 100) }),
      responses: {
        200: {
          description: "A page; the header Link points to the next one",
          content: {
            "application/json": Type.Object({ tasks: Type.Array(TASK), cursor: Type.Optional(CURSOR) }),
          },
        },
        400: problem("A parameter is not valid"),
      },
    },
  ],
});
