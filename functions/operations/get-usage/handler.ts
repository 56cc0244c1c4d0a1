import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { dynamoRequestCounter } from "../../../lib/adapters/dynamodb/request-counter.ts";
import { dynamoShareStore } from "../../../lib/adapters/dynamodb/share-store.ts";
import { dynamoTenantLimitStore } from "../../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { schedulerClient } from "../../../lib/adapters/eventbridge-scheduler/client.ts";
import { eventbridgeScheduleReader } from "../../../lib/adapters/eventbridge-scheduler/replay-scheduler.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { type UsagePorts, usageOf } from "../../../lib/core/usage/usage.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<UsagePorts>) =>
  httpFunction(definition, {
    "GET /usage": async ({ caller: { tenant } }) => {
      const { limits, isComplete: complete, ...usage } = await usageOf(portsOf(tenant), tenant);
      return { status: 200, body: { limits, usage, complete } };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();
const listingsTableName = environment.table("listings");

export const handler = createHandler(
  portsOfTenant(
    {
      devices: dynamoDeviceStore(client, environment.table("devices"), listingsTableName),
      recordings: dynamoRecordingStore(client, environment.table("recordings"), { listingsTableName }),
      replays: dynamoReplayStore(client, environment.table("replays")),
      shares: dynamoShareStore(client, environment.table("shares"), { listingsTableName }),
      claims: dynamoClaims(client, environment.table("claims")),
      schedules: eventbridgeScheduleReader(schedulerClient(), environment.scheduleGroup("replays")),
    },
    {
      limits: dynamoTenantLimitStore(client, environment.table("tenants")),
      requests: dynamoRequestCounter(client, environment.table("usage")),
      now: Date.now,
    },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
