import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import type { TaskStore } from "../../../lib/core/task/task.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { IMPORT_RESULT } from "../../../lib/runtime/api/task.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { refusableTaskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({ taskId: Type.String(), result: IMPORT_RESULT });

export const createHandler = (portsOf: OfTenant<{ readonly tasks: TaskStore }>) =>
  refusableTaskFunction(definition, INPUT, async ({ taskId, result: reported }, { tenant }) => {
    // What the step before says of the tenant is for the workflow, and no part of the result.
    const { tenant: _, ...result } = reported as typeof reported & { readonly tenant?: string };
    await portsOf(tenant).tasks.complete(taskId, { status: "DONE", result });
    return { taskId, recordingId: result.recordingId };
  });

const environment = readEnvironment(definition);

export const handler = createHandler(
  portsOfTenant({ tasks: dynamoTaskStore(dynamoClient(), environment.table("tasks")) }),
);
