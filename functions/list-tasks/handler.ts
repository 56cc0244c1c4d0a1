import { dynamoAccess } from "../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoTaskStore } from "../../lib/adapters/dynamodb/task-store.ts";
import { mayUseDevices } from "../../lib/core/access/caller.ts";
import type { Clock } from "../../lib/core/clock.ts";
import { devicesOfTask, type TaskKind, type TaskStore } from "../../lib/core/task/task.ts";
import { checkAccess } from "../../lib/runtime/access.ts";
import { nextLink, type PageQuery } from "../../lib/runtime/api/page.ts";
import { taskJson } from "../../lib/runtime/api/task.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { type HttpRequest, httpFunction } from "../../lib/runtime/http.ts";
import definition from "./definition.ts";

type TasksQuery = PageQuery & { readonly kind: TaskKind };

export const createHandler = ({ tasks, now }: { readonly tasks: TaskStore; readonly now: Clock }) =>
  httpFunction(definition, {
    "GET /tasks": async (request: HttpRequest<object, TasksQuery>) => {
      const { kind, ...page } = request.query;
      const { items, cursor } = await tasks.list(kind, page, now());
      // A page of a caller with a device prefix may be short, or empty, and still have a next one.
      const tasksOfCaller = items.filter((task) => mayUseDevices(request.caller, devicesOfTask(task)));
      return {
        status: 200,
        headers: nextLink(request, cursor),
        body: { tasks: tasksOfCaller.map(taskJson), cursor },
      };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler({
  tasks: dynamoTaskStore(client, environment.table("tasks")),
  now: Date.now,
}).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
