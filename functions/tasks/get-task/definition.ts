import * as Type from "typebox";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { TASK } from "../../../lib/runtime/api/task.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "get-task",
  description: "Returns a task's status and result",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { tasks: "read" },
  routes: [
    {
      method: "GET",
      path: "/tasks/{taskId}",
      summary: "A task, with its result once it is done",
      tag: "tasks",
      access: "read",
      admitsPrefixedKeys: true,
      parameters: Type.Object({ taskId: Type.String({ minLength: 1, maxLength: 128 }) }),
      responses: {
        200: { description: "The task", content: { "application/json": TASK } },
        404: problem("There is no such task, or it has expired"),
      },
    },
  ],
});
