import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { storedCredentials } from "../stored-credentials.ts";

/**
 * The client that a function makes once, at cold start. A body that stalls for a while is given up.
 * `settings` override the defaults.
 */
export const s3Client = (settings: S3ClientConfig = {}): S3Client =>
  new S3Client({
    maxAttempts: 3,
    retryMode: "standard",
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
      socketTimeout: 20_000,
    },
    ...storedCredentials(),
    ...settings,
  });
