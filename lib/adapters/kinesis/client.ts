import { KinesisClient, type KinesisClientConfig } from "@aws-sdk/client-kinesis";
import { storedCredentials } from "../stored-credentials.ts";

/**
 * The client that a function makes once, at cold start. It speaks HTTP/2 and keeps one session, on which
 * requests run side by side; the SDK's own default opens a connection for each. `settings` override all of
 * these.
 */
export const kinesisClient = (settings: KinesisClientConfig = {}): KinesisClient =>
  new KinesisClient({
    maxAttempts: 3,
    retryMode: "standard",
    requestHandler: { requestTimeout: 3_000, sessionTimeout: 60_000, disableConcurrentStreams: false },
    ...storedCredentials(),
    ...settings,
  });
