import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { failure, systemCode } from "./failure.ts";
import type { PresenceToken } from "./presence.ts";
import { readStackFile, removeStackFile } from "./stack-file.ts";

/** Where a stack keeps what must outlive it. */
export interface DataFolder {
  /** Lets another stack have it. */
  release(): void;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "this account may not write there",
  EPERM: "this account may not write there",
  EROFS: "it is on a read-only disk",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "it is a file",
  ENOSPC: "the disk is full",
};

/**
 * Makes the folder when absent and holds it for this stack, as two that write the same files would destroy them. Raises a
 * CommandFailure when it can't be used, or when a stack that still runs holds it.
 */
export const holdDataFolder = async (folder: string, presence: PresenceToken): Promise<DataFolder> => {
  const lockPath = join(folder, "stack.json");
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const holder = await readStackFile(lockPath);
    if (holder) throw failure(`data folder ${folder} is in use by the stack of process ${holder.processId}`);
    // What a stack left behind that was killed.
    rmSync(lockPath, { force: true });
    writeFileSync(lockPath, JSON.stringify({ processId: process.pid, presence }), { flag: "wx" });
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failure(`data folder ${folder} can't be used: ${REASONS[code] ?? code}`, error);
  }
  return {
    release: () => removeStackFile(lockPath, presence),
  };
};
