import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoStorageCheck } from "../../../lib/adapters/dynamodb/storage-check.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { dynamoLimits } from "../../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { fileSourceAt } from "../../../lib/adapters/file-source.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { type CheckPorts, checkFile } from "../../../lib/core/recording/import-file.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import type { TenantId } from "../../../lib/core/tenant/tenant-id.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { refusableTaskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({ taskId: Type.String() });

export const createHandler = (portsOf: OfTenant<CheckPorts>) =>
  refusableTaskFunction(definition, INPUT, ({ taskId }, { tenant }) => checkFile(portsOf(tenant), taskId));

const environment = readEnvironment(definition);

const client = dynamoClient();
const limits = dynamoLimits(client, environment.table("tenants"));
const checkStorage = dynamoStorageCheck(client, limits, environment.table);

export const handler = createHandler(
  portsOfTenant(
    {
      tasks: dynamoTaskStore(client, environment.table("tasks")),
      checkRoom: (tenant: TenantId) => (adding: number) => checkStorage(tenant, adding),
    },
    { files: fileSourceAt(environment.bucket("recordings")), reader: recordingReader, now: Date.now },
  ),
);
