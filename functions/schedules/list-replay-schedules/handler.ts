import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { schedulerClient } from "../../../lib/adapters/eventbridge-scheduler/client.ts";
import { eventbridgeScheduleReader } from "../../../lib/adapters/eventbridge-scheduler/replay-scheduler.ts";
import { mayUseDevices } from "../../../lib/core/access/caller.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import { type ReplayScheduleReader, scheduledDevices } from "../../../lib/core/schedule/replay-schedule.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { nextLink } from "../../../lib/runtime/api/page.ts";
import { replayScheduleJson } from "../../../lib/runtime/api/replay-schedule.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export interface ListPorts {
  readonly schedules: ReplayScheduleReader;
  readonly now: Clock;
}

export const createHandler = (portsOf: OfTenant<ListPorts>) =>
  httpFunction(definition, {
    "GET /replay-schedules": async (request) => {
      const { schedules, now } = portsOf(request.caller.tenant);
      const { items, cursor } = await schedules.list(request.query);
      // For a caller with a device prefix a page may be short, or empty, and still have a next one.
      const schedulesOfCaller = items.filter((schedule) =>
        mayUseDevices(request.caller, scheduledDevices(schedule)),
      );
      const nowMs = now();
      return {
        status: 200,
        headers: nextLink(request, cursor),
        body: { schedules: schedulesOfCaller.map((schedule) => replayScheduleJson(schedule, nowMs)), cursor },
      };
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
