import type { AccessKey } from "../../engines/server/signed-requests.ts";
import { storedCredentials } from "../../lib/adapters/stored-credentials.ts";
import { failure } from "../command/failure.ts";

/** How long a key is accepted after it was changed: functions read the new one within seconds. */
const KEEPS_PREVIOUS_MILLISECONDS = 5 * 60_000;

export interface AccessKeysOptions {
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Reads the key that is in the files now; default: the secrets' or the shared credentials file. */
  readonly read?: () => Promise<AccessKey>;
  /** Milliseconds that never go back. */
  readonly monotonicMs?: () => number;
}

/**
 * The access key that the engine's API accepts, which is also the one that it signs with: from the environment,
 * or from files, which are read again. A key that was replaced is accepted for five more minutes. Raises a
 * CommandFailure when there is none.
 */
export const acceptedAccessKeys = ({
  variables = process.env,
  read = keyReader(variables),
  monotonicMs = () => performance.now(),
}: AccessKeysOptions = {}): (() => Promise<readonly AccessKey[]>) => {
  let known: readonly { readonly key: AccessKey; lastSeenMs: number }[] = [];
  return async () => {
    const nowMs = monotonicMs();
    const { accessKeyId, secretAccessKey } = await read();
    const isCurrent = ({ key }: { readonly key: AccessKey }): boolean =>
      key.accessKeyId === accessKeyId && key.secretAccessKey === secretAccessKey;
    const previous = known.filter(
      (each) => !isCurrent(each) && nowMs - each.lastSeenMs <= KEEPS_PREVIOUS_MILLISECONDS,
    );
    known = [{ key: { accessKeyId, secretAccessKey }, lastSeenMs: nowMs }, ...previous];
    return known.map(({ key }) => key);
  };
};

const keyReader = (variables: Readonly<Record<string, string | undefined>>): (() => Promise<AccessKey>) => {
  const { credentials } = storedCredentials(variables);
  if (credentials) return credentials;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = variables;
  if (accessKeyId && secretAccessKey) return async () => ({ accessKeyId, secretAccessKey });
  throw failure(
    "there is no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, mount the secrets " +
      "backtrack-access-key-id and backtrack-secret-access-key, or name a file in AWS_SHARED_CREDENTIALS_FILE",
  );
};
