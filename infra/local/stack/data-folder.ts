import { accessSync, constants, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DISK_REASONS } from "../../command/disk-failure.ts";
import { failure, systemCode } from "../../command/failure.ts";
import { makeFolder } from "../../command/make-folder.ts";
import { checkDataFormat } from "../../store/embedded/data-format.ts";
import type { PresenceToken } from "./presence.ts";
import { readStackFile, removeStackFile } from "./stack-file.ts";

/** Where a stack keeps what has to outlive it. */
export interface DataFolder {
  /** Releases it for another stack. */
  release(): void;
}

/**
 * Creates the folder if absent and holds it for this stack, because two stacks that write the same files
 * would destroy them. Raises a CommandFailure when it can't be used, or when a running stack holds it.
 */
export const holdDataFolder = async (folder: string, presence: PresenceToken): Promise<DataFolder> => {
  const lockPath = join(folder, "stack.json");
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const holder = await readStackFile(lockPath);
    if (holder) throw failure(`data folder ${folder} is in use by the stack of process ${holder.processId}`);
    // Left behind by a stack that was killed.
    rmSync(lockPath, { force: true });
    checkDataFormat(folder);
    writeFileSync(lockPath, JSON.stringify({ processId: process.pid, presence }), { flag: "wx" });
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failure(`data folder ${folder} can't be used: ${DISK_REASONS[code] ?? code}`, error);
  }
  return {
    release: () => removeStackFile(lockPath, presence),
  };
};
