import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { dynamoTenantLimitStore } from "../../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { fileSourceAt } from "../../../lib/adapters/file-source.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { type CheckPorts, checkFile } from "../../../lib/core/recording/import-file.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import type { TenantId } from "../../../lib/core/tenant/tenant-id.ts";
import { cachedLimits } from "../../../lib/core/tenant/tenant-limits.ts";
import { storageCheck } from "../../../lib/core/usage/room-for-positions.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { refusableTaskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({ taskId: Type.String() });

export const createHandler = (portsOf: OfTenant<CheckPorts>) =>
  refusableTaskFunction(definition, INPUT, ({ taskId }, { tenant }) => checkFile(portsOf(tenant), taskId));

const environment = readEnvironment(definition);

const client = dynamoClient();
const listingsTableName = environment.table("listings");
const devices = dynamoDeviceStore(client, environment.table("devices"), listingsTableName);
const recordings = dynamoRecordingStore(client, environment.table("recordings"), { listingsTableName });
const checkStorage = storageCheck({
  limits: cachedLimits(dynamoTenantLimitStore(client, environment.table("tenants")), Date.now),
  stored: (tenant) => ({ devices: devices(tenant), recordings: recordings(tenant) }),
  now: Date.now,
});

export const handler = createHandler(
  portsOfTenant(
    {
      tasks: dynamoTaskStore(client, environment.table("tasks")),
      checkRoom: (tenant: TenantId) => (adding: number) => checkStorage(tenant, adding),
    },
    { files: fileSourceAt(environment.bucket("recordings")), reader: recordingReader, now: Date.now },
  ),
);
