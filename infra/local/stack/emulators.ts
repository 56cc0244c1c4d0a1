import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import type { LocalCredentials } from "../../../engines/server/access-key.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { createResources } from "../../engine/resources.ts";
import { createEngineTables } from "../../engine/tables.ts";
import { keepExpiringItems } from "../../store/embedded/expire-items.ts";
import { startDynamodb } from "../../store/embedded/server.ts";
import { type RunningKinesis, startKinesis } from "../kinesis/server.ts";
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
): Promise<RunningKinesis> => {
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
    await Promise.all([createResources({ kinesis, dynamodb }), createEngineTables(dynamodb)]);
    const expiring = keepExpiringItems(dynamodbServer.endpoint, credentials);
    cleanUp.defer(() => expiring.stop());
  } finally {
    kinesis.destroy();
    dynamodb.destroy();
  }
  return kinesisServer;
};
