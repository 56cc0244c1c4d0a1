import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { schedulerClient } from "../../../lib/adapters/eventbridge-scheduler/client.ts";
import { eventbridgeReplayScheduler } from "../../../lib/adapters/eventbridge-scheduler/replay-scheduler.ts";
import { checkDevices } from "../../../lib/core/access/caller.ts";
import { type PutPorts, putReplaySchedule } from "../../../lib/core/schedule/put-schedule.ts";
import { scheduledDevices } from "../../../lib/core/schedule/replay-schedule.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { replayScheduleJson, replaySchedulePath } from "../../../lib/runtime/api/replay-schedule.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<PutPorts>) =>
  httpFunction(definition, {
    "PUT /replay-schedules/{name}": async (request) => {
      const { parameters, body, caller } = request;
      const { name } = parameters;
      const ports = portsOf(caller.tenant);
      checkDevices(caller, scheduledDevices(body));
      if (caller.devicePrefix !== undefined) {
        // A caller must not replace a schedule of somebody else's devices.
        const known = await ports.schedules.get(name);
        checkDevices(caller, known ? scheduledDevices(known) : []);
      }
      const { schedule, created } = await putReplaySchedule(ports, name, body);
      return {
        status: created ? 201 : 200,
        headers: { location: replaySchedulePath(name) },
        body: replayScheduleJson(schedule, ports.now()),
      };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant(
    {
      schedules: eventbridgeReplayScheduler(
        schedulerClient(),
        environment.scheduleGroup("replays"),
        environment.scheduleTarget("replays"),
      ),
      recordings: dynamoRecordingStore(client, environment.table("recordings")),
    },
    { now: Date.now, maximumSchedules: environment.limit("replaySchedules") },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
