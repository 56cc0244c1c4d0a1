import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { Guard } from "../../engines/server/guard.ts";
import type { RunningServer } from "../../engines/server/http-server.ts";
import { signedRequests } from "../../engines/server/signed-requests.ts";
import { MisconfiguredError } from "../../lib/core/errors.ts";
import { DISK_REASONS } from "../command/disk-failure.ts";
import { failure, systemCode, wrongUse } from "../command/failure.ts";
import { makeFolder } from "../command/make-folder.ts";
import { acceptedAccessKeys } from "../engine/access-keys.ts";
import { checkDataFormat } from "./embedded/data-format.ts";
import { HEALTH_PATH, startDynamodb } from "./embedded/server.ts";

/* `npm run store -- serve`: the embedded store as a process of its own. */

export interface ServeStoreOptions {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
}

interface ServeStorePorts {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Serves until the signal, then closes the database. Raises a CommandFailure when the folder or the port
 * can't be used, or there is no access key to ask for.
 */
export const serveStore = async (
  options: ServeStoreOptions,
  { signal, say }: ServeStorePorts,
): Promise<void> => {
  const { dataFolder, host, port } = options;
  const keys = openKeys();
  openDataFolder(dataFolder);
  const server = await startDynamodb({
    path: join(dataFolder, "dynamodb"),
    host,
    port,
    guard: guardWith(keys),
  }).catch((error) => {
    throw startFailure(error, options);
  });
  await closeAfter(server, signal, () =>
    say(`backtrack: store of ${dataFolder} listens at ${server.endpoint}`),
  );
};

const closeAfter = async (server: RunningServer, signal: AbortSignal, onReady: () => void): Promise<void> => {
  onReady();
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
  await server.close();
  process.exit(0);
};

const openKeys = (): ReturnType<typeof acceptedAccessKeys> => {
  try {
    return acceptedAccessKeys();
  } catch (error) {
    throw error instanceof MisconfiguredError ? wrongUse(error.message) : error;
  }
};

/** Only whoever has the access key; anybody may ask whether it is healthy. */
const guardWith = (keys: ReturnType<typeof acceptedAccessKeys>): Guard => {
  const signed = signedRequests({ keys, serviceOf: () => "dynamodb", clock: Date.now });
  return (head) => (head.url === HEALTH_PATH && head.method === "GET" ? {} : signed(head));
};

const openDataFolder = (folder: string): void => {
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    checkDataFormat(folder);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failure(`data folder ${folder} can't be used: ${DISK_REASONS[code] ?? code}`, error);
  }
};

const startFailure = (error: unknown, { dataFolder, host, port }: ServeStoreOptions): unknown => {
  const code = systemCode(error);
  if (code === "EADDRINUSE") {
    return failure(
      `port ${port} of ${host} is in use; stop what listens there, or choose another with --port`,
      error,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return failure(`${host} is no address of this machine; choose another with --host`, error);
  }
  if (code === "EACCES") return failure(`port ${port} of ${host} is not this account's to listen at`, error);
  if (isLocked(error)) {
    return failure(
      `data folder ${dataFolder} is in use by another process: one store at a time serves it`,
      error,
    );
  }
  return error;
};

/** LevelDB holds a lock on its folder for as long as its process lives; the system frees it at kill -9. */
const isLocked = (error: unknown): boolean => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (
      systemCode(cause) === "LEVEL_LOCKED" ||
      /\bLOCK\b.*(already held|temporarily unavailable)/i.test(cause.message)
    ) {
      return true;
    }
  }
  return false;
};
