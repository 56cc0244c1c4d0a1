import type { AccessKey } from "../../engines/server/signed-requests.ts";
import { storedCredentials } from "../../lib/adapters/stored-credentials.ts";
import { wrongUse } from "../command/failure.ts";

/** A key that was changed is taken for so long: it takes a while until every client has the new one. */
const KEEPS_PREVIOUS_MILLISECONDS = 5 * 60_000;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The access keys that a served store takes, newest first: the one that its clients find by the same variables
 * and secrets. Raises a CommandFailure when there is none: a store that everybody can read is no store.
 */
export const acceptedKeys = (
  variables: Variables = process.env,
  monotonicMs: () => number = () => performance.now(),
): (() => Promise<readonly AccessKey[]>) => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = variables;
  if (accessKeyId && secretAccessKey) return async () => [{ accessKeyId, secretAccessKey }];
  const { credentials } = storedCredentials(variables);
  if (!credentials) {
    throw wrongUse(
      "no access key to ask for: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SHARED_CREDENTIALS_FILE",
    );
  }
  let current: AccessKey | undefined;
  let previous: { readonly key: AccessKey; readonly changedAtMs: number } | undefined;
  return async () => {
    const key = await credentials();
    const isNew = key.accessKeyId !== current?.accessKeyId || key.secretAccessKey !== current.secretAccessKey;
    if (isNew && current) previous = { key: current, changedAtMs: monotonicMs() };
    current = key;
    const isKept = previous && monotonicMs() - previous.changedAtMs < KEEPS_PREVIOUS_MILLISECONDS;
    return previous && isKept ? [key, previous.key] : [key];
  };
};
