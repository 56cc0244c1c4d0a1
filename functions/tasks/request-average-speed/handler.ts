import { randomUUID } from "node:crypto";
import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { sfnClient } from "../../../lib/adapters/step-functions/client.ts";
import { stepFunctionsStarter } from "../../../lib/adapters/step-functions/workflow-starter.ts";
import { type RequestPorts, requestAverageSpeed } from "../../../lib/core/task/request-average-speed.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { taskJson, taskPath } from "../../../lib/runtime/api/task.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<RequestPorts>) =>
  httpFunction(definition, {
    "POST /devices/{deviceId}/average-speed-tasks": async ({ parameters, query, caller }) => {
      const task = await requestAverageSpeed(portsOf(caller.tenant), {
        ...parameters,
        ...query,
        keyId: caller.keyId,
      });
      return { status: 202, headers: { location: taskPath(task.taskId) }, body: taskJson(task) };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant(
    {
      devices: dynamoDeviceStore(client, environment.table("devices")),
      tasks: dynamoTaskStore(client, environment.table("tasks"), environment.table("listings")),
      workflows: stepFunctionsStarter(sfnClient(), {
        "average-speed": environment.workflow("average-speed"),
      }),
      claims: dynamoClaims(client, environment.table("claims")),
    },
    {
      limits: { inAll: environment.limit("tasksWaiting"), perKey: environment.limit("tasksWaitingPerKey") },
      keptDays: environment.limit("taskKeptDays"),
      now: Date.now,
      newId: randomUUID,
    },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
