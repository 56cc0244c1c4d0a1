import { Worker } from "node:worker_threads";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { ANY_CREDENTIALS } from "../engines/server/access-key.ts";
import { localClientSettings } from "../infra/engine/clients.ts";
import { dynamoClient } from "../lib/adapters/dynamodb/client.ts";
import { kinesisClient } from "../lib/adapters/kinesis/client.ts";

/** Separate clients for one run, so its requests are counted separately. */
export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly kinesis: KinesisClient;
}

export interface LocalServers {
  /** Runs something with fresh clients. */
  use<Result>(run: (clients: Clients) => Promise<Result>): Promise<Result>;
  stop(): Promise<void>;
}

/** The embedded table and stream servers, in another thread. */
export const startLocalServers = async (): Promise<LocalServers> => {
  const worker = new Worker(new URL("./local-servers-worker.ts", import.meta.url));
  const endpoints = await new Promise<{ dynamodb: string; kinesis: string }>((resolve, reject) => {
    worker.once("message", resolve).once("error", reject);
  });
  return {
    use: async (run) => {
      const dynamodb = dynamoClient(localClientSettings(endpoints.dynamodb, ANY_CREDENTIALS));
      const kinesis = kinesisClient(localClientSettings(endpoints.kinesis, ANY_CREDENTIALS));
      try {
        return await run({ dynamodb, kinesis });
      } finally {
        dynamodb.destroy();
        kinesis.destroy();
      }
    },
    stop: async () => void (await worker.terminate()),
  };
};
