import { SchedulerClient, type SchedulerClientConfig } from "@aws-sdk/client-scheduler";
import { storedCredentials } from "../stored-credentials.ts";

/** The client that a function makes once, at cold start. `settings` override the defaults. */
export const schedulerClient = (settings: SchedulerClientConfig = {}): SchedulerClient =>
  new SchedulerClient({
    maxAttempts: 3,
    retryMode: "standard",
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
    ...storedCredentials(),
    ...settings,
  });
