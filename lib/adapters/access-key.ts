import { MisconfiguredError } from "../core/errors.ts";
import { storedCredentials } from "./stored-credentials.ts";

/** An access key with its secret. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Reads the access key of a self-hosted stack: from the environment, or from files, as they are at each call.
 * Throws MisconfiguredError when there is none.
 */
export const accessKeyReader = (
  variables: Readonly<Record<string, string | undefined>> = process.env,
): (() => Promise<AccessKey>) => {
  const { credentials } = storedCredentials(variables);
  if (credentials) return credentials;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = variables;
  if (accessKeyId && secretAccessKey) return async () => ({ accessKeyId, secretAccessKey });
  throw new MisconfiguredError(
    "there is no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, mount the secrets " +
      "backtrack-access-key-id and backtrack-secret-access-key, or name a file in AWS_SHARED_CREDENTIALS_FILE",
  );
};
