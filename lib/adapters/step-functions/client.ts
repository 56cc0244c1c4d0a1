import { SFNClient, type SFNClientConfig } from "@aws-sdk/client-sfn";
import { storedCredentials } from "../stored-credentials.ts";

/** The client that a function makes once, at cold start. `settings` override the defaults. */
export const sfnClient = (settings: SFNClientConfig = {}): SFNClient =>
  new SFNClient({
    maxAttempts: 3,
    retryMode: "standard",
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
    ...storedCredentials(),
    ...settings,
  });
