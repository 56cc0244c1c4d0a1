import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { storedCredentials } from "../stored-credentials.ts";

/**
 * The client that a function makes once, at cold start. Requests to DynamoDB take milliseconds: one that
 * hangs is soon abandoned and retried on another connection, well within a function's timeout. Region,
 * credentials and, on a laptop, the endpoint come from the standard AWS variables. `settings` override all of
 * these.
 */
export const dynamoClient = (settings: DynamoDBClientConfig = {}): DynamoDBClient =>
  new DynamoDBClient({
    maxAttempts: 3,
    retryMode: "standard",
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 50 },
      httpsAgent: { keepAlive: true, maxSockets: 50 },
    },
    ...storedCredentials(),
    ...settings,
  });
