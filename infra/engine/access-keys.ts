import type { AccessKey } from "../../engines/server/signed-requests.ts";
import { accessKeyReader } from "../../lib/adapters/access-key.ts";

/** How long a key is accepted after it was changed: functions read the new one within seconds. */
const KEEPS_PREVIOUS_MILLISECONDS = 5 * 60_000;

export interface AccessKeysOptions {
  /** Reads the key as it is now; default: from the environment or from files. */
  readonly read?: () => Promise<AccessKey>;
  /** Milliseconds that never go back. */
  readonly monotonicMs?: () => number;
}

/**
 * The access keys that the engine's API accepts: the one that it signs with itself and, for five more
 * minutes, one that was replaced. Throws MisconfiguredError when there is none.
 */
export const acceptedAccessKeys = ({
  read = accessKeyReader(),
  monotonicMs = () => performance.now(),
}: AccessKeysOptions = {}): (() => Promise<readonly AccessKey[]>) => {
  let known: readonly { readonly key: AccessKey; readonly lastSeenMs: number }[] = [];
  return async () => {
    const nowMs = monotonicMs();
    const { accessKeyId, secretAccessKey } = await read();
    const previous = known.filter(({ key, lastSeenMs }) => {
      const isCurrent = key.accessKeyId === accessKeyId && key.secretAccessKey === secretAccessKey;
      return !isCurrent && nowMs - lastSeenMs <= KEEPS_PREVIOUS_MILLISECONDS;
    });
    known = [{ key: { accessKeyId, secretAccessKey }, lastSeenMs: nowMs }, ...previous];
    return known.map(({ key }) => key);
  };
};
