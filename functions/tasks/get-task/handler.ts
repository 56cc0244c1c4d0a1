import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { checkDevices } from "../../../lib/core/access/caller.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import { NotFoundError } from "../../../lib/core/errors.ts";
import { devicesOfTask, type TaskStore } from "../../../lib/core/task/task.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { taskJson } from "../../../lib/runtime/api/task.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<{ readonly tasks: TaskStore; readonly now: Clock }>) =>
  httpFunction(definition, {
    "GET /tasks/{taskId}": async ({ parameters, caller }) => {
      const { tasks, now } = portsOf(caller.tenant);
      const task = await tasks.get(parameters.taskId, now());
      if (!task) throw new NotFoundError(`there is no task ${parameters.taskId}, or it has expired`);
      checkDevices(caller, devicesOfTask(task));
      return { status: 200, body: taskJson(task) };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant({ tasks: dynamoTaskStore(client, environment.table("tasks")) }, { now: Date.now }),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
