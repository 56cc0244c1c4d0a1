import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { CHECKPOINT_TABLE } from "../../../engines/event-source/dynamodb-checkpoint-store.ts";
import { LEASE_TABLE } from "../../../engines/lease/dynamodb-lease-store.ts";
import { SCHEDULE_TABLE } from "../../../engines/scheduler/dynamodb-schedule-store.ts";
import type { LocalCredentials } from "../../../engines/server/access-key.ts";
import { EXECUTION_TABLE } from "../../../engines/workflow-runner/dynamodb-execution-store.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { CHECKPOINTS_TABLE_NAME } from "../../engine/event-sources.ts";
import { LEASES_TABLE_NAME } from "../../engine/leases.ts";
import { createResources, createTable } from "../../engine/resources.ts";
import { SCHEDULES_TABLE_NAME } from "../../engine/schedules.ts";
import { EXECUTIONS_TABLE_NAME } from "../../engine/workflows.ts";
import { keepExpiringItems } from "../../store/embedded/expire-items.ts";
import { startDynamodb } from "../../store/embedded/server.ts";
import type { RecordStore } from "../kinesis/record-store.ts";
import { startKinesis } from "../kinesis/server.ts";
import { allOrNothing } from "./all-or-nothing.ts";

interface EmulatorPorts {
  readonly kinesis: number;
  readonly dynamodb: number;
}

/** Starts the emulators of Kinesis and DynamoDB, and makes everything that must exist in them. */
export const startEmulators = async (
  ports: EmulatorPorts,
  credentials: LocalCredentials,
  folders: { readonly kinesis?: string; readonly dynamodb: string },
  cleanUp: AsyncDisposableStack,
): Promise<RecordStore> => {
  const { accessKeyId } = credentials;
  const [kinesisServer, dynamodbServer] = await allOrNothing([
    startKinesis({
      port: ports.kinesis,
      path: folders.kinesis && join(folders.kinesis, "kinesis"),
      accessKeyId,
    }),
    startDynamodb({ port: ports.dynamodb, path: join(folders.dynamodb, "dynamodb"), accessKeyId }),
  ]);
  cleanUp.defer(async () => {
    await Promise.all([kinesisServer.close(), dynamodbServer.close()]);
  });
  const kinesis = new KinesisClient(localClientSettings(kinesisServer.endpoint, credentials));
  const dynamodb = new DynamoDBClient(localClientSettings(dynamodbServer.endpoint, credentials));
  try {
    await Promise.all([
      createResources({ kinesis, dynamodb }),
      createTable(dynamodb, CHECKPOINTS_TABLE_NAME, CHECKPOINT_TABLE),
      createTable(dynamodb, LEASES_TABLE_NAME, LEASE_TABLE),
      createTable(dynamodb, EXECUTIONS_TABLE_NAME, EXECUTION_TABLE),
      createTable(dynamodb, SCHEDULES_TABLE_NAME, SCHEDULE_TABLE),
    ]);
    const expiring = keepExpiringItems(dynamodbServer.endpoint, credentials);
    cleanUp.defer(() => expiring.stop());
  } finally {
    kinesis.destroy();
    dynamodb.destroy();
  }
  return kinesisServer.records;
};
