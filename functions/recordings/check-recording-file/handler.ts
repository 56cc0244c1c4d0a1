import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { fileSourceAt } from "../../../lib/adapters/file-source.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { type CheckPorts, checkFile } from "../../../lib/core/recording/import-file.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { refusableTaskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({ taskId: Type.String() });

export const createHandler = (portsOf: OfTenant<CheckPorts>) =>
  refusableTaskFunction(definition, INPUT, ({ taskId }, { tenant }) => checkFile(portsOf(tenant), taskId));

const environment = readEnvironment(definition);

export const handler = createHandler(
  portsOfTenant(
    { tasks: dynamoTaskStore(dynamoClient(), environment.table("tasks")) },
    { files: fileSourceAt(environment.bucket("recordings")), reader: recordingReader, now: Date.now },
  ),
);
