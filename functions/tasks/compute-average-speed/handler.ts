import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { segmentKey } from "../../../lib/adapters/segment-key.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { type ComputePorts, computeAverageSpeed } from "../../../lib/core/task/compute-average-speed.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { damageReporter } from "../../../lib/runtime/damage.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { refusableTaskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({ taskId: Type.String() });

export const createHandler = (portsOf: OfTenant<ComputePorts>) =>
  refusableTaskFunction(definition, INPUT, async ({ taskId }, { tenant }) => ({
    taskId,
    ...(await computeAverageSpeed(portsOf(tenant), taskId)),
  }));

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant(
    {
      devices: dynamoDeviceStore(client, environment.table("devices")),
      tracks: dynamoTrackStore(client, environment.table("tracks")),
      tasks: dynamoTaskStore(client, environment.table("tasks")),
      onDamage: damageReporter(definition, segmentKey),
    },
    { compression: zstd, now: Date.now },
  ),
);
