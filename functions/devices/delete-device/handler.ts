import { randomUUID } from "node:crypto";
import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { sfnClient } from "../../../lib/adapters/step-functions/client.ts";
import { stepFunctionsStarter } from "../../../lib/adapters/step-functions/workflow-starter.ts";
import { type RequestErasurePorts, requestErasure } from "../../../lib/core/erasure/request-erasure.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { taskJson, taskPath } from "../../../lib/runtime/api/task.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<RequestErasurePorts>) =>
  httpFunction(definition, {
    "DELETE /devices/{deviceId}": async ({ parameters, caller }) => {
      const task = await requestErasure(portsOf(caller.tenant), parameters.deviceId);
      return { status: 202, headers: { location: taskPath(task.taskId) }, body: taskJson(task) };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();
const listingsTableName = environment.table("listings");

export const handler = createHandler(
  portsOfTenant(
    {
      devices: dynamoDeviceStore(client, environment.table("devices"), listingsTableName),
      tasks: dynamoTaskStore(client, environment.table("tasks"), listingsTableName),
      replays: dynamoReplayStore(client, environment.table("replays")),
      claims: dynamoClaims(client, environment.table("claims")),
      workflows: stepFunctionsStarter(sfnClient(), { "erase-device": environment.workflow("erase-device") }),
    },
    { now: Date.now, newId: randomUUID },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
