import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import type { TaskStore } from "../../../lib/core/task/task.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { fittingPage, nextLink, type PageQuery } from "../../../lib/runtime/api/page.ts";
import { taskJson } from "../../../lib/runtime/api/task.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<{ readonly tasks: TaskStore; readonly now: Clock }>) =>
  httpFunction(definition, {
    "GET /tasks": async (request) => {
      const { kind, ...page } = request.query;
      const { tenant, devicePrefix } = request.caller;
      const { tasks, now } = portsOf(tenant);
      const list = (part: PageQuery) => tasks.list(kind, { ...part, devicePrefix }, now());
      const { items, cursor } = await fittingPage(page, list, taskJson);
      return { status: 200, headers: nextLink(request, cursor), body: { tasks: items, cursor } };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant(
    { tasks: dynamoTaskStore(client, environment.table("tasks"), environment.table("listings")) },
    { now: Date.now },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
