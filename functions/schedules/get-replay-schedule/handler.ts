import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { schedulerClient } from "../../../lib/adapters/eventbridge-scheduler/client.ts";
import { eventbridgeScheduleReader } from "../../../lib/adapters/eventbridge-scheduler/replay-scheduler.ts";
import { checkDevices } from "../../../lib/core/access/caller.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import { NotFoundError } from "../../../lib/core/errors.ts";
import { type ReplayScheduleReader, scheduledDevices } from "../../../lib/core/schedule/replay-schedule.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { replayScheduleJson } from "../../../lib/runtime/api/replay-schedule.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export interface GetPorts {
  readonly schedules: ReplayScheduleReader;
  readonly now: Clock;
}

export const createHandler = (portsOf: OfTenant<GetPorts>) =>
  httpFunction(definition, {
    "GET /replay-schedules/{name}": async ({ parameters, caller }) => {
      const { schedules, now } = portsOf(caller.tenant);
      const schedule = await schedules.get(parameters.name);
      if (!schedule) throw new NotFoundError(`there is no replay schedule ${parameters.name}`);
      checkDevices(caller, scheduledDevices(schedule));
      return { status: 200, body: replayScheduleJson(schedule, now()) };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant(
    { schedules: eventbridgeScheduleReader(schedulerClient(), environment.scheduleGroup("replays")) },
    { now: Date.now },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
