import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { schedulerClient } from "../../../lib/adapters/eventbridge-scheduler/client.ts";
import {
  eventbridgeScheduleReader,
  eventbridgeScheduleRemover,
} from "../../../lib/adapters/eventbridge-scheduler/replay-scheduler.ts";
import { checkDevices } from "../../../lib/core/access/caller.ts";
import {
  type ReplayScheduleReader,
  type ReplayScheduleRemover,
  scheduledDevices,
} from "../../../lib/core/schedule/replay-schedule.ts";
import type { OfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export interface DeletePorts {
  readonly schedules: Pick<ReplayScheduleReader, "get"> & ReplayScheduleRemover;
}

export const createHandler = (portsOf: OfTenant<DeletePorts>) =>
  httpFunction(definition, {
    "DELETE /replay-schedules/{name}": async ({ parameters, caller }) => {
      const { schedules } = portsOf(caller.tenant);
      if (caller.devicePrefix !== undefined) {
        const known = await schedules.get(parameters.name);
        checkDevices(caller, known ? scheduledDevices(known) : []);
      }
      await schedules.remove(parameters.name);
      return { status: 204 };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();
const scheduler = schedulerClient();
const group = environment.scheduleGroup("replays");
const readerOf = eventbridgeScheduleReader(scheduler, group);
const removerOf = eventbridgeScheduleRemover(scheduler, group);

export const handler = createHandler((tenant) => ({
  schedules: { ...readerOf(tenant), ...removerOf(tenant) },
})).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
