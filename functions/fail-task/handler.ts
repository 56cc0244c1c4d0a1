import * as Type from "typebox";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoTaskStore } from "../../lib/adapters/dynamodb/task-store.ts";
import type { TaskStore } from "../../lib/core/task/task.ts";
import { CAUGHT_ERROR, reasonOf } from "../../lib/runtime/caught-error.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { refusableTaskFunction } from "../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({ taskId: Type.String(), error: CAUGHT_ERROR });

export const createHandler = ({ tasks }: { readonly tasks: TaskStore }) =>
  refusableTaskFunction(definition, INPUT, async ({ taskId, error }) => {
    const reason = reasonOf(error);
    await tasks.complete(taskId, { status: "FAILED", reason });
    return { taskId, reason };
  });

const environment = readEnvironment(definition);

export const handler = createHandler({
  tasks: dynamoTaskStore(dynamoClient(), environment.table("tasks")),
});
