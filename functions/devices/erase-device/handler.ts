import * as Type from "typebox";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../../../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { dynamoShareStore } from "../../../lib/adapters/dynamodb/share-store.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { type ErasePorts, eraseDevice } from "../../../lib/core/erasure/erase-device.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { taskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({
  taskId: Type.String(),
  pass: Type.Integer({ minimum: 1, maximum: 2 }),
  cursor: Type.Optional(Type.String()),
});

export const createHandler = (portsOf: OfTenant<ErasePorts>) =>
  taskFunction(definition, INPUT, (input, { tenant }) => eraseDevice(portsOf(tenant), input));

const environment = readEnvironment(definition);
const client = dynamoClient();
const listingsTableName = environment.table("listings");

export const handler = createHandler(
  portsOfTenant(
    {
      devices: dynamoDeviceStore(client, environment.table("devices"), listingsTableName),
      tracks: dynamoTrackStore(client, environment.table("tracks")),
      quarantine: dynamoQuarantineStore(client, environment.table("quarantine"), { listingsTableName }),
      replays: dynamoReplayStore(client, environment.table("replays"), { listingsTableName }),
      tasks: dynamoTaskStore(client, environment.table("tasks"), listingsTableName),
      shares: dynamoShareStore(client, environment.table("shares"), { listingsTableName }),
      claims: dynamoClaims(client, environment.table("claims")),
    },
    { now: Date.now },
  ),
);
